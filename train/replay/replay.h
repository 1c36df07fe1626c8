// SPDX-License-Identifier: Apache-2.0
// A saved step, computed again: in float64 it tells whether float32's range was too small or the numbers
// themselves are wrong.
#pragma once

#include <map>
#include <string>

#include "train/replay/step_dump.h"

namespace uls {

struct Replay {
  double loss = 0, gradient_norm = 0;
  std::map<std::string, double> block_norms{};  // gradient_norms()
  // The first that is not finite, "" where all are:
  std::string weight{};     // of the model's tensors and the batch, before anything is computed
  std::string gradient{};   // of the parameters in the order of the model
  std::string operation{};  // result or gradient of an operation, as anomaly mode names it

  bool is_finite() const;
};

/// On the CPU, with the dump's weights and batch converted to `dtype` and the random draws that the step had.
Replay replay_step(const StepDump& dump, DType dtype);

/// What `unilseg train --replay PATH` prints: the step in float64 beside float32.
std::string replay_text(const std::string& path);

}  // namespace uls
