// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/random/random_state.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// y contiguous. y = scale u + shift, u uniform in [0, 1) or standard normal.
extern KernelSlot<void(Tensor& y, double scale, double shift, const RandomKey& key)> fill_uniform;
extern KernelSlot<void(Tensor& y, double scale, double shift, const RandomKey& key)> fill_normal;

}  // namespace uls::slots
