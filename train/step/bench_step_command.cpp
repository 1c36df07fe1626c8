// SPDX-License-Identifier: Apache-2.0
// Whole passes on random images and words. With --feed it is one side of scripts/peers/bench_model.py: each
// line "N" of standard input is answered by the seconds of N passes.
#include "train/step/bench_step_command.h"

#include <iostream>
#include <memory>
#include <optional>

#include "core/autograd/grad_mode.h"
#include "core/base/statistics.h"
#include "core/base/stopwatch.h"
#include "core/config/text_value.h"
#include "core/json/json.h"
#include "core/tensor/primitives.h"
#include "kernels/attention/mask_head/mask_head.h"
#include "kernels/primitives/random/random.h"
#include "models/model_config.h"
#include "train/step/training_step.h"

namespace uls {
namespace {

struct BenchStepOptions {
  std::string mode = "eval", json;
  std::int64_t batch = 1, size = 480, runs = 5;
  bool recompute = false, feed = false;
  std::vector<std::string> overrides;
};

RandomKey key_of(std::uint32_t number) { return {.key = {number, 0}}; }

class Passes {
 public:
  explicit Passes(const BenchStepOptions& options) : options_(options), parameters_({.seed = 1}) {
    UniLSegConfig config;
    for (const std::string& assignment : options.overrides) unilseg_table().set(config, assignment);
    model_.emplace(build_model<UniLSeg>(parameters_, config));
    const std::int64_t b = options.batch, side = (options.size + 3) / 4, length = config.text.word_len;
    batch_.image = empty({b, options.size, options.size, 3});
    fill_normal_(batch_.image, 0, 1, key_of(1));
    batch_.target = empty({b, 1, side, side});
    fill_uniform_(batch_.target, 0, 1, key_of(2));
    batch_.ids = zeros({b, length}, DType::int64);
    // Half of the length is words, the rest padding.
    for (std::int64_t i = 0; i < b; ++i) {
      std::int64_t* row = batch_.ids.data<std::int64_t>() + i * length;
      row[0] = config.text.sot_token;
      for (std::int64_t j = 1; j < length / 2; ++j)
        row[j] = 1 + (i * 7919 + j * 104729) % (config.text.sot_token - 1);
      row[length / 2] = config.text.eot_token;
    }
    if (options.mode == "train")
      step_.emplace(*model_, parameters_, StepOptions{.recompute = options.recompute});
  }

  double run() {
    const Stopwatch watch;
    if (step_) {
      step_->run({batch_}, step_number_++);
    } else {
      const NoGrad no_grad;
      const UniLSeg::Output out = (*model_)(batch_.image, batch_.ids, {});
      mask_head(out.queries, out.pixels);
    }
    return watch.seconds();
  }

 private:
  BenchStepOptions options_;
  Parameters parameters_;
  std::optional<UniLSeg> model_;
  std::optional<TrainingStep> step_;
  TrainingBatch batch_;
  std::int64_t step_number_ = 0;
};

void feed(Passes& passes) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto count = parse_whole_number(line);
    ULS_CHECK(count && *count >= 0, "bench-step: not a request; got '{}'; expected a number of passes", line);
    Json seconds = Json::array();
    for (std::int64_t i = 0; i < *count; ++i) seconds.push_back(passes.run());
    print("{}\n", Json::object({{"seconds", seconds}}).dump());
  }
}

void run(const BenchStepOptions& options) {
  ULS_CHECK(options.mode == "eval" || options.mode == "train",
            "bench-step: unknown --mode; got '{}'; expected eval or train", options.mode);
  ULS_CHECK(options.batch >= 1 && options.size >= 32 && options.runs >= 1,
            "bench-step: sizes out of range; got batch {}, size {}, runs {}; expected at least 1, 32 and 1",
            options.batch, options.size, options.runs);
  Passes passes(options);
  if (options.feed) return feed(passes);
  passes.run();  // memory and library kernels
  std::vector<double> seconds;
  for (std::int64_t i = 0; i < options.runs; ++i) seconds.push_back(passes.run());
  const Spread spread = spread_of(seconds);
  print("{} batch {} at {}x{}: median {:.3f} s, quartiles {:.3f} to {:.3f}, {} runs\n", options.mode,
        options.batch, options.size, options.size, spread.median, spread.low, spread.high, options.runs);
  if (!options.json.empty())
    write_json_file(options.json, Json::object({{"mode", options.mode},
                                                {"batch", options.batch},
                                                {"size", options.size},
                                                {"median_s", spread.median},
                                                {"low_s", spread.low},
                                                {"high_s", spread.high}}));
}

}  // namespace

Command bench_step_command() {
  return {"bench-step", "times whole passes of the model on random data", [](Options& options) {
            const auto o = std::make_shared<BenchStepOptions>();
            options.option("mode", o->mode, "M", "eval: a forward; train: a step with AdamW");
            options.option("batch", o->batch, "B", "images a pass");
            options.option("size", o->size, "S", "side of the images");
            options.option("runs", o->runs, "N", "passes to time, after one that is not");
            options.flag("recompute", o->recompute, "train with less memory: blocks run again in backward");
            options.option("json", o->json, "FILE", "write the figures there too");
            options.flag("feed", o->feed, "answer numbers of passes on standard input (for scripts/peers)");
            options.rest("KEY=VALUE", o->overrides, "keys of the model's config");
            return [o] { run(*o); };
          }};
}

}  // namespace uls
