// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "kernels/optim/sgd/sgd.h"

namespace uls::slots {

// As sgd_(), of slabs that fit. values: float64 [kStepValues], laid out as StepValues.
extern KernelSlot<void(std::vector<SgdSlab>& slabs, const Tensor& values, const SgdOptions& options)> sgd;

}  // namespace uls::slots
