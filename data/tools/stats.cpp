// SPDX-License-Identifier: Apache-2.0
#include "data/tools/stats.h"

#include <fmt/core.h>

#include <set>
#include <utility>

#include "core/base/statistics.h"
#include "data/tools/in_order.h"
#include "data/tools/token_count.h"

namespace uls {
namespace {

// A sample, and of each target the area.
struct Measured {
  Sample sample{};
  std::vector<double> areas{}, tokens{};
};

class Counter {
 public:
  explicit Counter(DatasetStats& stats) : stats_(stats) {}

  void take(const Measured& measured) {
    const Sample& sample = measured.sample;
    ++stats_.samples;
    ++stats_.split_samples[sample.split];
    if (!sample.video.empty() && clips_.emplace(sample.split, sample.video).second)
      ++stats_.videos[sample.split];
    stats_.heights.push_back(double(sample.height));
    stats_.widths.push_back(double(sample.width));
    auto& tasks = stats_.targets[sample.split];
    std::set<Task> seen;
    for (const Target& target : sample.targets) {
      TargetStats& counts = tasks[target.task];
      if (seen.insert(target.task).second) ++counts.samples;
      add(target, counts);
    }
    stats_.areas.insert(stats_.areas.end(), measured.areas.begin(), measured.areas.end());
    stats_.tokens.insert(stats_.tokens.end(), measured.tokens.begin(), measured.tokens.end());
  }

 private:
  static void add(const Target& target, TargetStats& counts) {
    ++counts.targets;
    counts.texts += std::int64_t(target.texts.size());
    ++(target.granularity == Granularity::coarse ? counts.coarse : counts.fine);
    if (target.regions.empty()) ++counts.empty;
    if (!target.kind.empty()) ++counts.kinds[target.kind];
    if (target.category >= 0) ++counts.categories[target.category];
  }

  DatasetStats& stats_;
  std::set<std::pair<std::string, std::string>> clips_{};
};

Measured measure(const Dataset& dataset, std::int64_t index) {
  Measured measured{dataset.sample(index)};
  const Sample& sample = measured.sample;
  for (const Target& target : sample.targets) {
    if (!target.regions.empty())
      measured.areas.push_back(double(area(dataset.target_rle(sample, target))) /
                               double(sample.height * sample.width));
    for (const std::string& text : target.texts) measured.tokens.push_back(double(token_count(text)));
  }
  return measured;
}

using NumberField = std::pair<const char*, double Spread::*>;
constexpr NumberField kSpreadFields[] = {{"least", &Spread::least},
                                         {"low", &Spread::low},
                                         {"median", &Spread::median},
                                         {"high", &Spread::high},
                                         {"most", &Spread::most}};

// The lists of numbers, as they are printed.
struct Row {
  const char *name, *meaning;
  std::vector<double> DatasetStats::*values;
};
constexpr Row kRows[] = {{"area", "mask, share of the image", &DatasetStats::areas},
                         {"tokens", "text, tokens", &DatasetStats::tokens},
                         {"height", "image height", &DatasetStats::heights},
                         {"width", "image width", &DatasetStats::widths}};

// How often each class of a task is a target, in the order of the class list.
std::vector<std::int64_t> class_counts(const DatasetStats& stats, Task task, const ClassList& list) {
  std::vector<std::int64_t> counts(list.names.size());
  for (const auto& [split, tasks] : stats.targets)
    if (const auto found = tasks.find(task); found != tasks.end())
      for (const auto& [category, count] : found->second.categories)
        if (std::size_t(category) < counts.size()) counts[std::size_t(category)] += count;
  return counts;
}

Json to_json(const TargetStats& counts) {
  Json kinds = Json::object();
  for (const auto& [kind, count] : counts.kinds) kinds.set(kind, count);
  return Json::object({{"samples", counts.samples},
                       {"targets", counts.targets},
                       {"texts", counts.texts},
                       {"coarse", counts.coarse},
                       {"fine", counts.fine},
                       {"empty", counts.empty},
                       {"kinds", kinds}});
}

std::int64_t sum_targets(const DatasetStats& stats) {
  std::int64_t sum = 0;
  for (const auto& [split, tasks] : stats.targets)
    for (const auto& [task, counts] : tasks) sum += counts.targets;
  return sum;
}

}  // namespace

DatasetStats count_dataset(const Dataset& dataset) {
  DatasetStats stats;
  Counter counter(stats);
  in_order(
      "data stats", 0, dataset.size(), 1024, [&](std::int64_t index) { return measure(dataset, index); },
      [&](std::int64_t, const Measured& measured) { counter.take(measured); });
  return stats;
}

Json to_json(const DatasetStats& stats, const Manifest& manifest) {
  Json splits = Json::object();
  for (const auto& [split, samples] : stats.split_samples) {
    Json tasks = Json::object();
    for (const auto& [task, counts] : stats.targets.at(split)) tasks.set(to_string(task), to_json(counts));
    const auto videos = stats.videos.find(split);
    splits.set(split, Json::object({{"samples", samples},
                                    {"videos", videos == stats.videos.end() ? 0 : videos->second},
                                    {"tasks", tasks}}));
  }
  Json classes = Json::object();
  for (const auto& [task, list] : manifest.class_lists) {
    const auto counts = class_counts(stats, task, list);
    Json rows = Json::array();
    for (std::size_t i = 0; i < counts.size(); ++i)
      rows.push_back(Json::object({{"name", list.names[i]}, {"targets", counts[i]}}));
    classes.set(to_string(task), rows);
  }
  Json json = Json::object({{"name", manifest.name},
                            {"samples", stats.samples},
                            {"targets", sum_targets(stats)},
                            {"texts", std::int64_t(stats.tokens.size())},
                            {"splits", splits},
                            {"classes", classes}});
  for (const Row& row : kRows) {
    if ((stats.*row.values).empty()) continue;
    const Spread spread = spread_of(stats.*row.values);
    Json fields = Json::object();
    for (const auto& [name, member] : kSpreadFields) fields.set(name, spread.*member);
    json.set(row.name, fields);
  }
  return json;
}

std::string to_text(const DatasetStats& stats, const Manifest& manifest) {
  std::string text = fmt::format("{}: {} samples, {} targets, {} texts\n\n", manifest.name, stats.samples,
                                 sum_targets(stats), stats.tokens.size());
  text += fmt::format("{:<12} {:<16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}  kinds of sentence\n", "split",
                      "task", "samples", "targets", "texts", "coarse", "fine", "empty");
  for (const auto& [split, tasks] : stats.targets) {
    for (const auto& [task, counts] : tasks) {
      std::string kinds;
      for (const auto& [kind, count] : counts.kinds) kinds += fmt::format(" {} {}", kind, count);
      text += fmt::format("{:<12} {:<16} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {}\n", split, to_string(task),
                          counts.samples, counts.targets, counts.texts, counts.coarse, counts.fine,
                          counts.empty, kinds);
    }
    if (const auto videos = stats.videos.find(split); videos != stats.videos.end())
      text += fmt::format("{:<12} {} clips\n", split, videos->second);
  }
  text += fmt::format("\n{:<26}", "");
  for (const auto& [name, member] : kSpreadFields) text += fmt::format(" {:>9}", name);
  for (const Row& row : kRows) {
    if ((stats.*row.values).empty()) continue;
    const Spread spread = spread_of(stats.*row.values);
    text += fmt::format("\n{:<26}", row.meaning);
    for (const auto& [name, member] : kSpreadFields) text += fmt::format(" {:>9.4g}", spread.*member);
  }
  text += "\n";
  for (const auto& [task, list] : manifest.class_lists) {
    text += fmt::format("\ntargets of the classes of task {}\n", to_string(task));
    const auto counts = class_counts(stats, task, list);
    for (std::size_t i = 0; i < counts.size(); ++i)
      text += fmt::format("{:>9}  {}\n", counts[i], list.names[i]);
  }
  return text;
}

}  // namespace uls
