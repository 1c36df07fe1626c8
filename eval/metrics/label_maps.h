// SPDX-License-Identifier: Apache-2.0
// Scores of label maps: one confusion matrix over the whole set.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/json/json.h"

namespace uls {

/// What becomes of a class that no truth has.
enum class AbsentClass {
  excluded,           ///< left out of the means, even if predicted (detectron2)
  zero_if_predicted,  ///< counts 0 if predicted, left out if neither (mmsegmentation)
};

/// Fractions; per class NaN where it is left out.
struct LabelMapScores {
  double mean_iou = 0, frequency_weighted_iou = 0, mean_accuracy = 0, pixel_accuracy = 0;
  std::vector<double> iou{}, accuracy{};
};

class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(std::int64_t classes);

  /// Both [n]; labels from 0. Pixels whose truth is `ignore` do not count. Raises Error for sizes that differ
  /// and for any other label out of range.
  void add(std::span<const std::uint16_t> prediction, std::span<const std::uint16_t> truth,
           std::int64_t ignore);

  std::int64_t at(std::int64_t truth, std::int64_t prediction) const {
    return counts_[std::size_t(truth * classes_ + prediction)];
  }
  LabelMapScores scores(AbsentClass absent = AbsentClass::excluded) const;

 private:
  std::int64_t classes_;
  std::vector<std::int64_t> counts_;  // [truth, prediction]
};

Json to_json(const LabelMapScores& scores);

}  // namespace uls
