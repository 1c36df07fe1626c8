// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "kernels/linear/linear/linear.h"

namespace uls::slots {

// y = f(x weight^T + bias) for f other than `none`, from sums that are not rounded before f. z, unless
// undefined, gets the argument of f. x: [rows, in], weight: [out, in], bias: [out] or undefined, z and y:
// [rows, out]; all contiguous, of one type and device.
extern KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation f, Tensor& z,
                       Tensor& y)>
    linear_activated;

}  // namespace uls::slots
