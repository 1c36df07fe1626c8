// SPDX-License-Identifier: Apache-2.0
#include "eval/eval_command.h"

#include <memory>
#include <optional>

#include "core/base/error.h"
#include "core/io/atomic_file.h"
#include "eval/benchmark/benchmark.h"
#include "eval/eval_report.h"
#include "eval/evaluator.h"
#include "eval/model_file.h"

namespace uls {
namespace {

struct EvalOptions {
  std::string checkpoint{}, model{}, data{}, split{}, constant{}, json{}, benchmark{};
  std::vector<std::string> tasks{}, transform{};
  std::int64_t max_targets = 0, seed = 0, batch = 16;
  double threshold = kMaskThreshold;
  bool shuffle = false, label_maps = false;
};

void write_reports(const EvalOptions& options, const Dataset& set, const EvalResult& result) {
  std::string rows;
  for (const EvalRow& row : result.rows) rows += to_json(row).dump() + "\n";
  write_atomically(options.json + ".samples.jsonl", rows);
  write_json_file(options.json, Json::object({{"checkpoint", options.checkpoint},
                                              {"set", set.manifest().name},
                                              {"split", options.split.empty() ? "all" : options.split},
                                              {"sentences", options.shuffle ? "shuffled" : "as they are"},
                                              {"threshold", options.threshold},
                                              {"scores", to_json(result)}}));
}

void score(const EvalOptions& options, const std::optional<Benchmark>& benchmark) {
  EvalRequest request{.split = options.split,
                      .max_targets = options.max_targets,
                      .threshold = float(options.threshold),
                      .shuffle = options.shuffle,
                      .seed = options.seed,
                      .label_maps = options.label_maps};
  for (const std::string& task : options.tasks) request.tasks.push_back(parse_task(task));
  ULS_CHECK(options.constant.empty() || (!options.split.empty() && !options.max_targets),
            "eval: --constant scores a whole split; got {}; expected --split, and no --max-targets",
            options.split.empty() ? "no split" : "some of its targets");
  const auto set = Dataset::open(options.data);
  const std::vector<ConstantRow> constants = options.constant.empty()
                                                 ? std::vector<ConstantRow>{}
                                                 : constant_rows(*set, options.constant, options.split);
  const LoadedModel loaded = load_model(options.checkpoint, options.model, options.transform);
  const EvalResult result =
      evaluate(*set, request, Predictor(*loaded.model, loaded.transform, loaded.word_len, options.batch));
  print_text(report_text(result, constants));
  if (benchmark) print_text(comparison_text(*benchmark, result));
  if (!options.json.empty()) write_reports(options, *set, result);
}

void run(EvalOptions options) {
  if (options.benchmark.empty()) return score(options, {});
  ULS_CHECK(options.split.empty() && options.tasks.empty(),
            "eval: --benchmark says what to score; got --split or --task beside it; expected neither");
  const Benchmark benchmark = read_benchmark(options.benchmark);
  options.split = benchmark.split;
  options.tasks = {benchmark.task};
  score(options, benchmark);
}

}  // namespace

Command eval_command() {
  return {"eval", "scores a model on a data set of the unified format", [](Options& options) {
            const auto o = std::make_shared<EvalOptions>();
            options.option("checkpoint", o->checkpoint, "C",
                           "a run's folder, a checkpoint's, or a file of weights", Need::required);
            options.option("data", o->data, "DIR", "the set", Need::required);
            options.option(
                "model", o->model, "CFG",
                "the model's config, for weights that neither bring one nor are the released model's");
            options.option("split", o->split, "S", "of the set; all without it");
            options.option("task", o->tasks, "T", "of the set; all without it");
            options.option("benchmark", o->benchmark, "F",
                           "a benchmark's config: its split and task, and what others published beside ours");
            options.option("json", o->json, "OUT", "scores; a row for each sentence in OUT.samples.jsonl");
            options.option("constant", o->constant, "S",
                           "beside ours: the best constant mask, made of the masks of this split");
            options.option("max-targets", o->max_targets, "N", "of each task, spread evenly over the set");
            options.option("threshold", o->threshold, "P", "a pixel of a larger probability is foreground");
            options.option("batch", o->batch, "B", "sentences in one pass");
            options.flag("label-maps", o->label_maps,
                         "asks every image for every class too, and scores the label maps");
            options.flag("shuffle", o->shuffle, "the control: sentences of other targets of the same task");
            options.option("seed", o->seed, "N", "of the shuffling");
            options.rest("KEY=VALUE", o->transform, "keys of the transform, such as size=480");
            return [o] { run(*o); };
          }};
}

std::vector<const Schema*> eval_tables() { return {&benchmark_table()}; }
std::vector<ConfigFileKind> eval_files() { return {benchmark_file_kind()}; }

}  // namespace uls
