// SPDX-License-Identifier: Apache-2.0
// The worst and the best sentences of an evaluation, with pictures, for the page of the run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eval/evaluator.h"

namespace uls {

class ShownSamples {
 public:
  explicit ShownSamples(std::size_t most = 6) : most_(most) {}

  /// `set`: the name of the data set. Sentences without a pixel to find are passed over: their IoU says
  /// nothing.
  void add(const std::string& set, const EvalView& view);

  /// {"worst": [...], "best": [...]}, each from its end on, at most one of a picture. A sample has "set",
  /// "sample", "task", "kind", "text", "iou" and the data URLs "picture", "truth" and "prediction", which
  /// shows what is right, wrong and missed by the colours of labels 3, 1 and 2 (eval/overlay.h), on grey.
  Json to_json() const;

 private:
  struct Shown {
    double iou = 0;
    std::string sample{};
    Json json{};
  };
  // Sorted by `better`; of equal ones the earlier stays in front.
  template <typename Better>
  void insert(std::vector<Shown>& list, Better better, const std::string& set, const EvalView& view) const;

  std::size_t most_;
  std::vector<Shown> worst_{}, best_{};
};

}  // namespace uls
