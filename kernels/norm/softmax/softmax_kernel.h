// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// Along the last dimension; all contiguous and of one shape, type and device.
extern KernelSlot<void(const Tensor& x, Tensor& y)> softmax;
// dx = y (dy - sum(y dy)).
extern KernelSlot<void(const Tensor& y, const Tensor& dy, Tensor& dx)> softmax_grad;

}  // namespace uls::slots
