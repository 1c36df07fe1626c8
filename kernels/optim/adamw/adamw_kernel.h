// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "kernels/optim/adamw/adamw.h"

namespace uls::slots {

// As adamw_(), of slabs that fit. values: float64 [kStepValues], laid out as StepValues.
extern KernelSlot<void(std::vector<AdamSlab>& slabs, const Tensor& values, const AdamOptions& options)> adamw;

}  // namespace uls::slots
