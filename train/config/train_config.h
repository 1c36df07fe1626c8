// SPDX-License-Identifier: Apache-2.0
// Everything that a run is told. One table a section; `unilseg config explain KEY` reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/field.h"
#include "data/loader/loader.h"
#include "models/unilseg/config.h"
#include "train/config/eval_config.h"
#include "train/step/training_step.h"

namespace uls {

struct OptimizerConfig {
  std::string kind = "adamw";  // or adam, sgd
  double lr = 1e-4;
  double backbone_factor = 0.1;
  double weight_decay = 0.01;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;  // of adamw and adam
  double momentum = 0.9;                          // of sgd
  bool nesterov = false;
  double max_norm = 0;  // 0: no clipping

  OptimizerOptions options() const;
};

/// Over the steps of the run; kernels/optim/schedule/schedule.h has the formulas.
struct ScheduleConfig {
  std::string kind = "cosine";
  std::int64_t warm_up = 0;
  std::vector<std::int64_t> milestones{};
  double gamma = 0.1, power = 0.9, last = 0;

  /// The factor of the learning rate at a step, counted from 0, of `total`.
  double factor(std::int64_t step, std::int64_t total) const;
};

struct LossConfig {
  double bce = 1, dice = 1, focal = 0;
  double focal_alpha = 0.25, focal_gamma = 2;
  std::vector<double> layer_weights{};
  std::vector<std::string> task_weights{};  // TaskWeights

  MaskLossOptions options() const;
};

struct TrainConfig {
  std::string run{};  // folder
  std::int64_t steps = 1000, seed = 1, accumulate = 1;
  double ema = 0;
  std::int64_t log_every = 10, save_every = 500, keep = 2;
  bool recompute = false;
  std::string on_nan = "stop";  // or skip
  std::vector<std::string> init{};
  UniLSegConfig model{};
  LoaderConfig data{};
  OptimizerConfig optimizer{};
  ScheduleConfig schedule{};
  LossConfig loss{};
  EvalConfig eval{};

  StepOptions step_options() const;
};

const FieldTable<TrainConfig>& train_table();
const FieldTable<OptimizerConfig>& optimizer_table();
const FieldTable<ScheduleConfig>& schedule_table();
const FieldTable<LossConfig>& loss_table();

/// The file (with its bases, core/config/inheritance.h) and "key=value" on top. Raises Error with file and
/// line, and where sections contradict each other.
TrainConfig read_train_config(const std::string& path, const std::vector<std::string>& overrides);

}  // namespace uls
