// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "data/loader/batch.h"

namespace uls {

/// How much the samples of each task count in the loss.
class TaskWeights {
 public:
  /// "TASK=NUMBER" each, at least 0; tasks that are not named have 1. Raises Error for anything else.
  explicit TaskWeights(const std::vector<std::string>& assignments);

  /// float32 [b], of the items' tasks; undefined where no task is named: all count as 1.
  Tensor of(const std::vector<BatchItem>& items) const;

 private:
  bool named_ = false;
  std::array<float, kTasks> weights_{};
};

}  // namespace uls
