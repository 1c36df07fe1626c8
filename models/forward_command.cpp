// SPDX-License-Identifier: Apache-2.0
#include "models/forward_command.h"

#include <memory>

#include "core/base/log.h"
#include "core/base/statistics.h"
#include "core/base/stopwatch.h"
#include "core/io/safetensors.h"
#include "core/tensor/primitives.h"
#include "models/forward.h"
#include "models/golden_replay.h"
#include "models/model_config.h"
#include "models/summary.h"
#include "models/weights.h"

namespace uls {
namespace {

struct ForwardOptions {
  std::string model = "unilseg", weights, inputs, out, part, golden, dtype = "float32";
  bool train = false, grads = false, summary = false, profile = false, resize = false;
  SummarySize size;
  std::int64_t repeat = 1;
  std::vector<std::string> overrides;
};

DType dtype_of(const std::string& name) {
  for (const DType type : {DType::float32, DType::float64})
    if (name == to_string(type)) return type;
  fail("forward: unknown --dtype; got '{}'; expected float32 or float64", name);
}

void replay(const std::string& path) {
  const auto slash = path.find_last_of('/');
  ULS_CHECK(slash != std::string::npos && slash + 1 < path.size(),
            "forward: --case is no DIR/NAME; got '{}'; expected e.g. fixtures/e2e_eval", path);
  const std::vector<GoldenRow> rows = replay_golden_case(path.substr(0, slash), path.substr(slash + 1));
  std::size_t failed = 0;
  print("{:<72} {:>11} {:>11}\n", "key", "difference", "allowed");
  for (const GoldenRow& row : rows) {
    print("{:<72} {:>11.3g} {:>11.3g}{}\n", row.key, row.difference, row.allowed,
          row.agrees() ? "" : "  EXCEEDED");
    failed += !row.agrees();
  }
  print("{} of {} agree\n", rows.size() - failed, rows.size());
  if (failed)
    throw DataError(fmt::format("forward: {} of {} tensors of {} differ by more than their bound", failed,
                                rows.size(), path));
}

void run(const ForwardOptions& options) {
  if (!options.golden.empty()) return replay(options.golden);
  const ModelConfig config = read_model_config(options.model, options.part, options.overrides);
  if (options.summary) return print_text(summary_text(config, options.size));

  ULS_CHECK(!options.inputs.empty(),
            "forward: no tensors; got no --inputs; expected a safetensors file with in.* "
            "(or --summary, or --case DIR/NAME)");
  ULS_CHECK(!options.weights.empty(),
            "forward: no weights; got no --weights; expected a .pth or safetensors file");
  const auto network = config.build({.dtype = dtype_of(options.dtype)});
  const LoadReport report =
      load_weights(network->parameters(), weights_of_part(weights_of_file(options.weights), config),
                   {.resize_bias_tables = options.resize});
  log_info("{}", report.text());
  ULS_CHECK(report.missing.empty() && report.misfits.empty(),
            "forward: {} lacks {} tensors of the model; got the table above; expected all", options.weights,
            report.missing.size() + report.misfits.size());

  const NamedTensors inputs = read_tensors(options.inputs);
  const ForwardRequest request{.pass = {.training = options.train}, .gradients = options.grads};
  NamedTensors results;
  Profile profile;  // of the last run, when memory and library kernels are in place
  std::vector<double> seconds;
  for (std::int64_t i = 1; i <= options.repeat; ++i) {
    results.clear();
    const Stopwatch watch;
    results =
        run_forward(*network, inputs, request, options.profile && i == options.repeat ? &profile : nullptr);
    seconds.push_back(watch.seconds());
  }
  const Spread time = spread_of(seconds);
  log_info("forward: {} runs, median {:.3f} s, from {:.3f} to {:.3f}", options.repeat, time.median,
           time.least, time.most);
  if (options.profile) print_text(profile.text());
  for (const auto& [name, x] : results)
    if (!name.starts_with("grad.param.") && !name.starts_with("buffer_after."))
      print("{:<28} {}\n", name, describe(x));
  if (!options.out.empty())
    write_safetensors(options.out, {results.begin(), results.end()},
                      {{"model", config.kind->name}, {"config", network->config().dump()}});
}

}  // namespace

Command forward_command() {
  return {
      "forward", "runs a model, or one part of it, on given tensors", [](Options& options) {
        const auto o = std::make_shared<ForwardOptions>();
        options.option("model", o->model, "CFG", "a config file, or the name of a network with its defaults");
        options.option("weights", o->weights, "W", "its weights: .pth, .pt or .safetensors");
        options.option("inputs", o->inputs, "IN",
                       "safetensors with in.image, in.words, in.target, cot.* ...");
        options.option("out", o->out, "OUT", "write out.*, grad.* and buffer_after.* there");
        options.option("part", o->part, "P", "one part: swin, text, fusion, pixel_decoder, query_decoder");
        options.flag("train", o->train, "a training pass: batch statistics, dropout as the config says");
        options.flag("grads", o->grads, "all gradients of the loss, or of the outputs weighed by cot.*");
        options.option("dtype", o->dtype, "T", "float32 or float64");
        options.flag("resize-bias-tables", o->resize, "fit bias tables of another window size");
        options.option("case", o->golden, "DIR/NAME", "replay a golden case instead, and compare");
        options.flag("summary", o->summary, "parameters, shapes, FLOPs and memory; computes nothing");
        options.option("batch", o->size.batch, "B", "images of the summary");
        options.option("height", o->size.height, "H", "their rows");
        options.option("width", o->size.width, "W", "their columns");
        options.option("repeat", o->repeat, "N", "run N times; times go to stderr");
        options.flag("profile", o->profile, "where the time went, by operation");
        options.rest("KEY=VALUE", o->overrides, "keys of the config");
        return [o] { run(*o); };
      }};
}

}  // namespace uls
