// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// x: [outer, reduced, inner], y: [outer, inner]; contiguous, one floating type.
extern KernelSlot<void(const Tensor& x, Tensor& y)> reduce_sum;
extern KernelSlot<void(const Tensor& x, Tensor& y)> reduce_max;
// dx = dy / (number of elements equal to y) where x equals y, else 0.
extern KernelSlot<void(const Tensor& x, const Tensor& y, const Tensor& dy, Tensor& dx)> reduce_max_grad;

}  // namespace uls::slots
