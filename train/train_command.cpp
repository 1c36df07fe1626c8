// SPDX-License-Identifier: Apache-2.0
#include "train/train_command.h"

#include "core/io/atomic_file.h"
#include "train/report/report.h"
#include "train/trainer.h"

namespace uls {
namespace {

struct TrainOptions {
  std::string config;
  std::vector<std::string> overrides;
};

void run(const TrainOptions& options) {
  const TrainConfig config = read_train_config(options.config, options.overrides);
  Trainer trainer(config);
  if (trainer.run()) print("{}: {} steps done\n", config.run, trainer.step());
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
            options.option("config", o->config, "F", "the run's config (YAML)", Need::required);
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
