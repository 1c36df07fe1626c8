// SPDX-License-Identifier: Apache-2.0
// Whether a run on this machine goes on from a checkpoint as if it had never stopped.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/json/json.h"
#include "train/checkpoint/checkpoint.h"
#include "train/config/train_config.h"

namespace uls {

/// Trains `steps` steps of the run straight, and again with an end, a checkpoint and a new start in the
/// middle, both in a temporary folder (TMPDIR) that goes away. Compares weights, what the optimizer keeps,
/// the loader's position and the losses of every step, bit for bit. Gives what to print; raises DataError
/// naming the first difference.
std::string verify_resume(TrainConfig config, std::int64_t steps);

/// The first tensor or value in which two checkpoints differ, "" where none does; paths do not count.
std::string first_difference(const Checkpoint& a, const Checkpoint& b);
/// Likewise of two logs: lines of evaluations, and losses, norms and rates of training. Speed does not count.
std::string first_difference(const std::vector<Json>& a, const std::vector<Json>& b);

}  // namespace uls
