// SPDX-License-Identifier: Apache-2.0
#include "train/config/task_weights.h"

#include "core/base/error.h"
#include "core/config/text_value.h"
#include "core/tensor/primitives.h"

namespace uls {

TaskWeights::TaskWeights(const std::vector<std::string>& assignments) : named_(!assignments.empty()) {
  weights_.fill(1);
  for (const std::string& assignment : assignments) {
    const std::size_t middle = assignment.find('=');
    const auto weight =
        middle == std::string::npos ? std::nullopt : parse_number(assignment.substr(middle + 1));
    ULS_CHECK(weight && *weight >= 0,
              "loss.task_weights: no weight of a task; got '{}'; expected TASK=NUMBER, at least 0",
              assignment);
    weights_[std::size_t(parse_task(assignment.substr(0, middle)))] = float(*weight);
  }
}

Tensor TaskWeights::of(const std::vector<BatchItem>& items) const {
  if (!named_) return {};
  std::vector<float> weights;
  for (const BatchItem& item : items) weights.push_back(weights_[std::size_t(item.task)]);
  return from_values({std::int64_t(items.size())}, weights);
}

}  // namespace uls
