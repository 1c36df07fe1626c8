// SPDX-License-Identifier: Apache-2.0
// A step with everything that it was computed from, in a folder: a checkpoint as it was before the step
// (checkpoint.h), and
//
//   batch.safetensors   "0.image", "0.ids", "0.target" of the first micro-batch, "1.image" ...
//   step.json           its number (that of the random draws, from 0), what the run saw, and the samples
#pragma once

#include <string>
#include <vector>

#include "data/loader/batch.h"
#include "train/checkpoint/checkpoint.h"
#include "train/config/train_config.h"

namespace uls {

struct StepDump {
  Checkpoint before{};  // its step is the number of the step
  std::vector<TrainingBatch> micro_batches{};
  std::vector<std::string> samples{};  // "sample, target of SET: text"
  std::string seen{};                  // "loss nan, gradient norm inf", by the run

  /// Of the config that the checkpoint carries.
  TrainConfig config() const;
};

/// "s12, target s12/0 of DIR: the left cup".
std::string name_of(const BatchItem& item);

/// RUN/dumps/step-00000013 of the step number 12; returns the path. One that is there is replaced. Raises
/// Error where the disk does not take it.
std::string write_step_dump(const std::string& run, const StepDump& dump);
/// Raises DataError naming what is missing or damaged.
StepDump read_step_dump(const std::string& path);

}  // namespace uls
