// SPDX-License-Identifier: Apache-2.0
#include "eval/label_map_evaluator.h"

#include <algorithm>
#include <limits>

#include "core/base/error.h"

namespace uls {
namespace {

constexpr std::uint16_t kIgnored = std::numeric_limits<std::uint16_t>::max();

const ClassList& class_list(const Dataset& set, Task task) {
  const auto found = set.manifest().class_lists.find(task);
  ULS_CHECK(found != set.manifest().class_lists.end(),
            "evaluate: no label maps of {}; got a set without its class list in {}; expected one",
            to_string(task), set.path());
  return found->second;
}

std::vector<std::string> class_texts(const Dataset& set, Task task) {
  const ClassList& list = class_list(set, task);
  std::vector<std::string> texts(list.names.size(), "");
  std::size_t missing = texts.size();
  for (std::int64_t i = 0; i < set.size() && missing > 0; ++i)
    for (const Target& target : set.sample(i).targets)
      if (target.task == task && target.category >= 0 && texts.at(std::size_t(target.category)).empty()) {
        texts[std::size_t(target.category)] = target.texts[0];
        --missing;
      }
  for (std::size_t c = 0; c < texts.size(); ++c)
    if (texts[c].empty()) texts[c] = list.names[c];
  return texts;
}

std::vector<std::uint16_t> class_of_values(const ClassList& list) {
  std::vector<std::uint16_t> class_of(1 << 16, kIgnored);
  for (std::size_t c = 0; c < list.values.size(); ++c)
    class_of[std::size_t(list.values[c])] = std::uint16_t(c);
  if (list.background >= 0) class_of[std::size_t(list.background)] = std::uint16_t(list.values.size());
  return class_of;
}

}  // namespace

LabelMapEvaluator::LabelMapEvaluator(const Dataset& set, Task task, float threshold)
    : set_(set),
      task_(task),
      threshold_(class_list(set, task).background >= 0 ? threshold : -std::numeric_limits<float>::infinity()),
      texts_(class_texts(set, task)),
      class_of_(class_of_values(class_list(set, task))),
      confusion_(std::int64_t(texts_.size()) + (class_list(set, task).background >= 0 ? 1 : 0)) {}

void LabelMapEvaluator::add(const Sample& sample, const Image& image, const Predict& predict) {
  std::vector<std::uint16_t> truth = set_.label_map(sample, task_).labels;
  for (std::uint16_t& label : truth) label = class_of_[label];
  std::vector<std::uint16_t> labels = label_pixels(predict(image, texts_), threshold_);
  for (std::uint16_t& label : labels)
    label = std::uint16_t(label == 0 ? texts_.size() : std::size_t(label - 1));
  confusion_.add(labels, truth, kIgnored);
}

}  // namespace uls
