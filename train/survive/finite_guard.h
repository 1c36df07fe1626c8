// SPDX-License-Identifier: Apache-2.0
// What becomes of a step whose loss or gradient is not finite.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "data/loader/batch.h"
#include "train/checkpoint/checkpoint.h"
#include "train/step/training_step.h"

namespace uls {

class FiniteGuard {
 public:
  /// on_nan: "stop" or "skip".
  FiniteGuard(std::string run, const std::string& on_nan) : run_(std::move(run)), skips_(on_nan == "skip") {}

  /// After every step. `before` gives the checkpoint of the state before it, which a skipped step left as it
  /// was. Where the step was skipped: a warning with skip, up to kMostSkipped in a row; else the step is
  /// saved (step_dump.h), computed again to find the operation, and told in a DataError.
  void check(const StepResult& result, const std::vector<TrainingBatch>& micro_batches,
             const std::vector<BatchItem>& items, const std::function<Checkpoint()>& before);

  /// More in a row than an odd batch explains: the run would go on without learning.
  static constexpr int kMostSkipped = 20;

 private:
  std::string run_;
  bool skips_;
  int in_a_row_ = 0;
};

}  // namespace uls
