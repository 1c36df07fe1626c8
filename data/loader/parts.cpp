// SPDX-License-Identifier: Apache-2.0
#include "data/loader/parts.h"

#include <algorithm>
#include <array>
#include <limits>
#include <sstream>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/config/text_value.h"

namespace uls {
namespace {

std::vector<Task> parse_tasks(const std::string& text) {
  std::vector<Task> tasks;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) tasks.push_back(parse_task(word));
  return tasks;
}

void take_word(LoaderSet& set, const std::string& word) {
  const std::size_t middle = word.find('=');
  const std::string key = word.substr(0, middle);
  const std::string value = middle == std::string::npos ? "" : word.substr(middle + 1);
  const auto number = parse_number(value);
  const auto whole = parse_whole_number(value);
  if (key == "split" && !value.empty())
    set.split = value;
  else if (key == "tasks" && !value.empty())
    set.tasks = parse_tasks(value);
  else if (key == "weight" && number && *number > 0)
    set.weight = *number;
  else if (key == "cap" && whole && *whole > 0)
    set.cap = *whole;
  else
    fail(
        "set of a mixture: wrong word{}; got '{}'; expected split=NAME, tasks=NAME,NAME, weight=NUMBER or "
        "cap=NUMBER, numbers above 0",
        did_you_mean(key, {"split", "tasks", "weight", "cap"}), word);
}

std::int32_t number_of_split(const LoaderSet& set) {
  const std::vector<std::string>& splits = set.data->splits();
  const auto found = std::ranges::find(splits, set.split);
  ULS_CHECK(found != splits.end(), "{}: no split of this name{}; got '{}'; expected one of {}",
            set.data->path(), did_you_mean(set.split, splits), set.split, join(splits, ", "));
  return std::int32_t(found - splits.begin());
}

// The set's targets by task.
std::array<std::vector<std::uint32_t>, kTasks> targets_by_task(const LoaderSet& set) {
  const std::int64_t count = set.data->target_count();
  ULS_CHECK(count <= std::numeric_limits<std::uint32_t>::max(),
            "{}: too many targets; got {}; expected less than 2^32", set.data->path(), count);
  const std::int32_t split = set.split.empty() ? -1 : number_of_split(set);
  std::array<std::vector<std::uint32_t>, kTasks> targets;
  for (std::int64_t i = 0; i < count; ++i) {
    const TargetRef ref = set.data->target(i);
    if (split >= 0 && ref.split != split) continue;
    if (!set.tasks.empty() && std::ranges::find(set.tasks, ref.task) == set.tasks.end()) continue;
    targets[std::size_t(ref.task)].push_back(std::uint32_t(i));
  }
  return targets;
}

}  // namespace

LoaderSet parse_loader_set(const std::string& text) {
  std::istringstream words(text);
  std::string word;
  ULS_CHECK(bool(words >> word), "set of a mixture: nothing; expected a folder and words behind it");
  LoaderSet set{.data = Dataset::open(word)};
  while (words >> word) take_word(set, word);
  return set;
}

std::vector<LoaderSet> parse_loader_sets(const std::vector<std::string>& texts) {
  std::vector<LoaderSet> sets;
  for (const std::string& text : texts) sets.push_back(parse_loader_set(text));
  return sets;
}

LoaderPart::LoaderPart(const LoaderSet& set, std::vector<std::uint32_t> targets, bool all)
    : data_(set.data), all_(all), targets_(std::move(targets)) {}

std::int64_t LoaderPart::target(std::int64_t index) const {
  return all_ ? index : std::int64_t(targets_[std::size_t(index)]);
}

void LoaderPart::list_sentences() {
  std::vector<std::int64_t> firsts{0};
  const std::int64_t targets = size();
  for (std::int64_t i = 0; i < targets;) {
    const Sample sample = data_->sample(data_->target(target(i)).sample);
    const std::int64_t number = data_->target(target(i)).sample;
    for (TargetRef ref; i < targets && (ref = data_->target(target(i))).sample == number; ++i)
      firsts.push_back(firsts.back() + std::int64_t(sample.targets.at(std::size_t(ref.target)).texts.size()));
  }
  firsts_ = std::move(firsts);
}

std::int64_t LoaderPart::size() const {
  if (!firsts_.empty()) return firsts_.back();
  return all_ ? data_->target_count() : std::int64_t(targets_.size());
}

PartItem LoaderPart::item(std::int64_t index) const {
  if (firsts_.empty()) return {target(index), -1};
  const auto next = std::ranges::upper_bound(firsts_, index);
  return {target(next - firsts_.begin() - 1), std::int32_t(index - *(next - 1))};
}

LoaderParts parts_of(const std::vector<LoaderSet>& sets, bool by_task) {
  LoaderParts result;
  const auto append = [&](const LoaderSet& set, std::vector<std::uint32_t> targets, double share, Task task) {
    const auto size = std::int64_t(targets.size());
    const bool all = size == set.data->target_count();
    if (all) targets = {};
    const std::int64_t cap =
        set.cap == 0 ? 0 : std::max<std::int64_t>(1, std::int64_t(double(set.cap) * share));
    result.mixture.push_back({size, set.weight * share, cap});
    result.parts.emplace_back(set, std::move(targets), all);
    result.tasks.push_back(task);
  };
  for (const LoaderSet& set : sets) {
    auto targets = targets_by_task(set);
    std::vector<std::uint32_t> all;
    for (const auto& of_task : targets) all.insert(all.end(), of_task.begin(), of_task.end());
    ULS_CHECK(!all.empty(), "{}: no target of split '{}' and the tasks asked for", set.data->path(),
              set.split);
    if (!by_task) {
      std::ranges::sort(all);
      append(set, std::move(all), 1, Task::referring);
      continue;
    }
    for (std::size_t task = 0; task < kTasks; ++task) {
      const double share = double(targets[task].size()) / double(all.size());
      if (share > 0) append(set, std::move(targets[task]), share, Task(task));
    }
  }
  return result;
}

}  // namespace uls
