// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "kernels/optim/clip/clip.h"

namespace uls::slots {

// As clip_(), of arguments that fit. values: float64 [kStepValues], laid out as StepValues.
extern KernelSlot<void(Tensor& values, const std::vector<Tensor>& gradients, double max_norm)> clip;

}  // namespace uls::slots
