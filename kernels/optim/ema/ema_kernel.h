// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "kernels/optim/ema/ema.h"

namespace uls::slots {

// As ema_(), of slabs that fit.
extern KernelSlot<void(std::vector<EmaSlab>& slabs, double decay)> ema;

}  // namespace uls::slots
