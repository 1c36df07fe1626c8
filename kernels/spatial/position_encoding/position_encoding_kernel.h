// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// y: [L, C], contiguous: the features of the angles 2 pi (t + shift) / (L + 1e-6), t = 0 ... L - 1.
extern KernelSlot<void(double shift, Tensor& y)> sine_features;

}  // namespace uls::slots
