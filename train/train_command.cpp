// SPDX-License-Identifier: Apache-2.0
#include "train/train_command.h"

#include "core/base/error.h"
#include "core/io/atomic_file.h"
#include "core/memory/host_memory.h"
#include "train/plan/fit_batch.h"
#include "train/plan/training_plan.h"
#include "train/replay/replay.h"
#include "train/report/report.h"
#include "train/stop_request.h"
#include "train/survive/verify_resume.h"
#include "train/trainer.h"

namespace uls {
namespace {

struct TrainOptions {
  std::string config, json, replay;
  bool plan = false, fit_batch = false;
  std::int64_t verify_resume = 0;
  std::vector<std::string> overrides;
};

void print_plan(const TrainConfig& config, const std::string& json) {
  const Loader loader(parse_loader_sets(config.data.sets), config.data, Loader::Mode::train);
  const TrainingPlan plan = plan_training(config, loader.epoch_size());
  print_text(plan_text(plan, memory_at_hand(), measured_flop_rate()));
  if (!json.empty()) write_json_file(json, to_json(plan));
}

void print_fits(const TrainConfig& config, const std::string& json) {
  const std::int64_t at_hand = memory_at_hand();
  const std::vector<BatchFit> fits = batch_fits(config, at_hand);
  print_text(fits_text(fits, at_hand));
  if (!json.empty()) write_json_file(json, to_json(fits));
}

void run(const TrainOptions& options) {
  if (!options.replay.empty()) return print_text(replay_text(options.replay));
  ULS_CHECK(!options.config.empty(), "train: no config; expected --config F, or --replay DUMP");
  const TrainConfig config = read_train_config(options.config, options.overrides);
  if (options.fit_batch) return print_fits(config, options.json);
  if (options.plan) return print_plan(config, options.json);
  if (options.verify_resume) return print_text(verify_resume(config, options.verify_resume));
  Trainer trainer(config);
  if (trainer.run()) print("{}: {} steps done\n", config.run, trainer.step());
  end_by(trainer.signal());
}

struct ReportOptions {
  std::string run, other, out;
};

void report(const ReportOptions& options) {
  const std::string out = options.out.empty() ? options.run + "/report.html" : options.out;
  write_atomically(out, report_page(options.run, options.other));
  print("{}\n", out);
}

}  // namespace

Command train_command() {
  return {"train", "trains a model; goes on by itself where the run's folder holds a checkpoint",
          [](Options& options) {
            const auto o = std::make_shared<TrainOptions>();
            options.option("config", o->config, "F", "the run's config (YAML)");
            options.flag("plan", o->plan, "print what the run will take, and end");
            options.flag("fit-batch", o->fit_batch, "print which batches fit the memory at hand, and end");
            options.option("json", o->json, "FILE", "write the figures of --plan or --fit-batch there too");
            options.option("verify-resume", o->verify_resume, "N",
                           "whether N steps with a stop in the middle end as N straight ones, bit for bit");
            options.option("replay", o->replay, "DUMP",
                           "compute a saved step again in float64 (RUN/dumps/step-...)");
            options.rest("KEY=VALUE", o->overrides, "keys of the config; `config explain` lists them");
            return [o] { run(*o); };
          }};
}

std::vector<const Schema*> train_tables() { return {&train_table()}; }

std::vector<ConfigFileKind> train_files() {
  return {{.name = "run",
           .fits = [](const ConfigNode&) { return true; },
           .resolved =
               [](const std::string& path, const std::vector<std::string>& overrides) {
                 return train_table().to_json(read_train_config(path, overrides));
               }}};
}

Command report_command() {
  return {"report", "writes the page of a run, or of two beside each other", [](Options& options) {
            const auto o = std::make_shared<ReportOptions>();
            options.positional("RUN", o->run, "folder of a run");
            options.positional("RUN2", o->other, "another run to compare with", Need::optional);
            options.option("out", o->out, "PAGE.html", "where it goes; RUN/report.html if unset");
            return [o] { report(*o); };
          }};
}

}  // namespace uls
