// SPDX-License-Identifier: Apache-2.0
#include "eval/benchmark/benchmark.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/config/inheritance.h"

namespace uls {

const FieldTable<Benchmark>& benchmark_table() {
  using C = Benchmark;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("benchmark");
    t.add("set", &C::set, "name of the data set");
    t.add("split", &C::split, "of the set: what is scored");
    t.add("task", &C::task, "of the set's targets").choices({"referring"});
    t.add("methods", &C::methods, "who published a score, and on which backbone");
    t.add("published", &C::published, "their scores in per cent, in the order of methods").range(0, 100);
    t.add("metrics", &C::metrics, "what each of them is, as far as a source tells")
        .choices({"overall_iou", "mean_iou", "unknown"});
    t.add("source", &C::source, "where they were published");
    t.add("caveat", &C::caveat, "what to bear in mind when numbers are compared");
    t.add("convert", &C::convert, "the command that makes the set");
    t.add("command", &C::command, "the command that scores a model on it");
    return t;
  }();
  return table;
}

Benchmark read_benchmark(const std::string& path, const std::vector<std::string>& overrides) {
  Benchmark benchmark;
  benchmark_table().load(benchmark, read_config(path));
  for (const std::string& assignment : overrides) benchmark_table().set(benchmark, assignment);
  const std::size_t count = benchmark.published.size();
  ULS_CHECK(count > 0 && benchmark.methods.size() == count && benchmark.metrics.size() == count,
            "{}: lists that do not fit; got {} methods, {} published, {} metrics; expected as many of each",
            path, benchmark.methods.size(), count, benchmark.metrics.size());
  return benchmark;
}

std::string comparison_text(const Benchmark& benchmark, const EvalResult& result) {
  const Task task = parse_task(benchmark.task);
  const auto ours = std::ranges::find(result.tasks, task, &TaskScores::task);
  ULS_ASSERT(ours != result.tasks.end(), "benchmark: no scores of its task");
  std::string text = fmt::format("\n| {:<24} | {:>9} | {:<11} |\n| --- | --- | --- |\n",
                                 benchmark.set + " " + benchmark.split, "published", "metric");
  for (std::size_t i = 0; i < benchmark.published.size(); ++i)
    text += fmt::format("| {:<24} | {:>9.2f} | {:<11} |\n", benchmark.methods[i], benchmark.published[i],
                        benchmark.metrics[i]);
  const ReferringScores& masks = ours->all.masks;
  for (const auto& [metric, score] :
       {std::pair("overall_iou", masks.overall_iou), std::pair("mean_iou", masks.mean_iou)})
    text += fmt::format("| {:<24} | {:>9.2f} | {:<11} |\n", "this model", 100 * score, metric);
  return text + benchmark.caveat + "\n";
}

ConfigFileKind benchmark_file_kind() {
  return {.name = "benchmark",
          .fits = [](const ConfigNode& file) { return file.find("published") != nullptr; },
          .resolved =
              [](const std::string& path, const std::vector<std::string>& overrides) {
                return benchmark_table().to_json(read_benchmark(path, overrides));
              }};
}

}  // namespace uls
