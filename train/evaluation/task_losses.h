// SPDX-License-Identifier: Apache-2.0
// The loss that training has, of each task of an evaluation, from the passes that its scores come from.
#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "data/transforms/transform.h"
#include "eval/evaluator.h"
#include "kernels/loss/mask_loss/mask_loss.h"
#include "models/unilseg/unilseg.h"

namespace uls {

class TaskLosses {
 public:
  TaskLosses(const MaskLossOptions& loss, const TransformConfig& transform)
      : loss_(loss), transform_(transform) {}

  /// A pass of the predictor (PassObserver); its texts' truths follow in the same order.
  void add_pass(const UniLSeg::Output& output);
  /// The truth of the next text.
  void add_truth(const EvalView& view);

  /// Means over the texts.
  std::map<Task, double> means() const;

 private:
  struct Sum {
    double loss = 0;
    std::int64_t texts = 0;
  };

  MaskLossOptions loss_;
  Transform transform_;
  std::deque<UniLSeg::Output> waiting_;  // of one text each
  std::map<Task, Sum> sums_;
};

}  // namespace uls
