// SPDX-License-Identifier: Apache-2.0
// What a run will take, from one step on device `meta`: known before the model has any memory.
#pragma once

#include <cstdint>
#include <string>

#include "core/json/json.h"
#include "train/config/train_config.h"

namespace uls {

/// Bytes by owner at the moment of a step that needs most.
struct PlannedMemory {
  std::int64_t weights = 0;    // and buffers
  std::int64_t optimizer = 0;  // moments
  std::int64_t average = 0;    // of weights
  std::int64_t gradients = 0;  // those that are there at that moment
  std::int64_t activations = 0;
  std::int64_t batches = 0;  // of this step, and those that the loader makes ahead

  std::int64_t total() const { return weights + optimizer + average + gradients + activations + batches; }
};

struct TrainingPlan {
  std::int64_t backbone = 0, head = 0;  // parameters by the learning rate that they take
  double backbone_factor = 1;           // 0: the towers do not learn
  PlannedMemory memory{};
  double forward_flops = 0, backward_flops = 0;  // of a step
  std::int64_t steps = 0, samples = 0;           // samples of a step
  std::int64_t epoch = 0;                        // items of an epoch over the mixture

  double flops() const { return forward_flops + backward_flops; }
};

/// Runs one step of the config on meta. `epoch`: Loader::epoch_size(). Raises Error where the model cannot
/// train on such batches. Scratch memory within kernels (packed blocks, tiles: a few MiB a thread) and images
/// that are being decoded are not counted.
TrainingPlan plan_training(const TrainConfig& config, std::int64_t epoch);

/// FLOP/s of a matrix product of float32 here and now, in a tenth of a second: no model is faster.
double measured_flop_rate();

/// Lines for people. `at_hand`: bytes that the machine has; `rate`: measured_flop_rate().
std::string plan_text(const TrainingPlan& plan, std::int64_t at_hand, double rate);

Json to_json(const TrainingPlan& plan);

/// Plans, logs the plan, and warns where the memory at hand does not suffice.
void announce_plan(const TrainConfig& config, std::int64_t epoch);

}  // namespace uls
