// SPDX-License-Identifier: Apache-2.0
#include "eval/expressions.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/strings.h"
#include "data/transforms/sample_random.h"

namespace uls {
namespace {

std::vector<TargetRef> spread_evenly(const std::vector<TargetRef>& all, std::int64_t most) {
  const auto count = std::int64_t(all.size());
  if (most == 0 || count <= most) return all;
  std::vector<TargetRef> some;
  for (std::int64_t i = 0; i < most; ++i) some.push_back(all[std::size_t(i * count / most)]);
  return some;
}

std::vector<TargetRef> chosen_targets(const Dataset& set, const EvalRequest& request) {
  std::map<Task, std::vector<TargetRef>> by_task;
  for (std::int64_t i = 0; i < set.target_count(); ++i) {
    const TargetRef ref = set.target(i);
    const bool of_split = request.split.empty() || set.splits()[std::size_t(ref.split)] == request.split;
    const bool of_tasks = request.tasks.empty() || std::ranges::count(request.tasks, ref.task) > 0;
    if (of_split && of_tasks) by_task[ref.task].push_back(ref);
  }
  std::vector<TargetRef> chosen;
  for (const auto& [task, refs] : by_task)
    for (const TargetRef& ref : spread_evenly(refs, request.max_targets)) chosen.push_back(ref);
  std::ranges::sort(chosen, {}, [](const TargetRef& ref) { return std::pair(ref.sample, ref.target); });
  return chosen;
}

// One cycle through all sentences of a task (Sattolo 1986): none keeps its place.
void shuffle_texts(std::vector<Expression>& expressions, std::int64_t seed) {
  std::map<Task, std::vector<Expression*>> by_task;
  for (Expression& expression : expressions) by_task[expression.task].push_back(&expression);
  for (auto& [task, of_task] : by_task) {
    SampleRandom random(std::uint64_t(seed), 0, 0, std::uint64_t(task));
    for (std::size_t i = of_task.size(); i-- > 1;)
      std::swap(of_task[i]->asked, of_task[std::size_t(random.below(std::int64_t(i)))]->asked);
  }
}

}  // namespace

std::vector<Expression> expressions_of(const Dataset& set, const EvalRequest& request) {
  ULS_CHECK(request.split.empty() || std::ranges::count(set.splits(), request.split) > 0,
            "evaluate: no such split of {}; got '{}'{}; expected one of {}", set.path(), request.split,
            did_you_mean(request.split, set.splits()), join(set.splits(), ", "));
  ULS_CHECK(request.max_targets >= 0, "evaluate: most targets; got {}; expected at least 1, or 0 for all",
            request.max_targets);
  std::vector<Expression> expressions;
  Sample sample;
  std::int64_t loaded = -1;
  for (const TargetRef& ref : chosen_targets(set, request)) {
    if (std::exchange(loaded, ref.sample) != ref.sample) sample = set.sample(ref.sample);
    const std::vector<std::string>& texts = sample.targets[std::size_t(ref.target)].texts;
    const std::size_t count = ref.task == Task::referring ? texts.size() : 1;
    for (std::size_t t = 0; t < count; ++t)
      expressions.push_back({ref.sample, ref.target, ref.task, texts[t], texts[t]});
  }
  ULS_CHECK(!expressions.empty(),
            "evaluate: nothing to score in {}; got no target of that split and task; "
            "expected at least one",
            set.path());
  if (request.shuffle) shuffle_texts(expressions, request.seed);
  return expressions;
}

}  // namespace uls
