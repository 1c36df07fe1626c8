// SPDX-License-Identifier: Apache-2.0
// The front door: the list of commands. Each lives in the room it belongs to.
#include "core/cli/build_facts.h"
#include "core/cli/cli.h"
#include "core/config/settings.h"
#include "core/config_command.h"
#include "core/doctor_command.h"
#include "core/weights_command.h"
#include "data/data_command.h"
#include "data/text/tokenize_command.h"
#include "eval/eval_command.h"
#include "eval/predict_command.h"
#include "kernels/bench_command.h"
#include "kernels/common/library_versions.h"
#include "kernels/common/rooms.h"
#include "models/forward_command.h"
#include "models/model_config.h"
#include "train/step/bench_step_command.h"
#include "train/train_command.h"

namespace {

std::vector<const uls::Schema*> config_tables() {
  std::vector<const uls::Schema*> tables{&uls::settings_table()};
  for (const auto& room : {uls::train_tables(), uls::eval_tables()})
    tables.insert(tables.end(), room.begin(), room.end());
  return tables;
}

std::vector<uls::ConfigFileKind> config_files() {
  std::vector<uls::ConfigFileKind> kinds{uls::network_file_kind()};
  // A run's come last: they fit every file.
  for (const auto& room : {uls::eval_files(), uls::train_files()})
    kinds.insert(kinds.end(), room.begin(), room.end());
  return kinds;
}

}  // namespace

int main(int argc, char** argv) {
  const uls::ProgramInfo program{
      .name = "unilseg",
      .summary = "Trains UniLSeg, a model that segments what a sentence describes, and uses it.",
      .version = uls::version_line(),
      .prepare =
          [] {
            uls::apply_settings(uls::settings());
            uls::kernels::bind_kernels();
          },
  };
  return uls::run_program(
      program,
      {
          uls::doctor_command([] {
            return std::vector<uls::DoctorRow>{{"build", "oneDNN", uls::kernels::onednn_version()}};
          }),
          uls::config_command(config_tables(), config_files()),
          uls::weights_command(),
          uls::bench_command(),
          uls::data_command(),
          uls::tokenize_command(),
          uls::forward_command(),
          uls::train_command(),
          uls::report_command(),
          uls::eval_command(),
          uls::predict_command(),
          uls::bench_step_command(),
      },
      argc, argv);
}
