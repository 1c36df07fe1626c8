// SPDX-License-Identifier: Apache-2.0
// What changes from one training step to the next, in memory of the device: kernels read it there, so that a
// step that was captured as a graph runs again with other values.
#pragma once

#include <array>

#include "core/tensor/tensor.h"

namespace uls {

/// Groups of parameters with a learning rate each, such as backbone and head.
inline constexpr int kParameterGroups = 4;

struct StepValues {
  double step = 1;  // the first is 1: Adam's bias corrections are 1 - beta^step
  std::array<double, kParameterGroups> learning_rates{};
  double gradient_scale = 1;  // of every gradient, e.g. 1 / loss scale
  // Written by clip_norm_():
  double clip_factor = 1;    // of every gradient, after gradient_scale
  double gradient_norm = 0;  // of all gradients, after gradient_scale
  double skip = 0;           // not 0: a gradient is not finite, and no update changes anything

  /// What gradients are multiplied by.
  double factor() const { return gradient_scale * clip_factor; }
};
inline constexpr std::int64_t kStepValues = sizeof(StepValues) / sizeof(double);

/// The values as the float64 tensor [kStepValues] that the optimizers take, on the CPU.
Tensor to_tensor(const StepValues& values);

/// The values in the memory of such a tensor.
StepValues& step_values(const Tensor& values);

}  // namespace uls
