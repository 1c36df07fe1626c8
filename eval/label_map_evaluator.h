// SPDX-License-Identifier: Apache-2.0
// Label maps put together from a model that answers one sentence at a time.
#pragma once

#include <string>
#include <vector>

#include "data/format/dataset.h"
#include "eval/metrics/label_maps.h"
#include "eval/predictor.h"

namespace uls {

/// Every image is asked for every class, by the text that the set's first target of it has, or by its name
/// where it has none. A pixel gets the class of the largest probability; below the threshold the background,
/// which is then a class behind the others, or that class all the same where the list has no background.
class LabelMapEvaluator {
 public:
  /// Raises Error where the set has no class list of the task.
  LabelMapEvaluator(const Dataset& set, Task task, float threshold);

  void add(const Sample& sample, const Image& image, const Predict& predict);
  LabelMapScores scores() const { return confusion_.scores(); }

 private:
  const Dataset& set_;
  Task task_;
  float threshold_;
  std::vector<std::string> texts_;
  std::vector<std::uint16_t> class_of_;  // of each of the source's values
  ConfusionMatrix confusion_;
};

}  // namespace uls
