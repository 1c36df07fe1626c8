// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// x, y, dy, dx: [rows, C] of one type, contiguous. weight, bias: [C] of that type, or undefined.
// mean, rstd: [rows], float32 (float64 for float64).
extern KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps, Tensor& y,
                       Tensor& mean, Tensor& rstd)>
    layer_norm;
// With xhat = (x - mean) rstd and g = dy weight:
//   dx = rstd (g - mean(g) - xhat mean(g xhat)),  dweight = sum over rows of dy xhat,  dbias = sum over rows
//   of dy.
// Undefined dx, dweight or dbias are not wanted.
extern KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                       const Tensor& dy, Tensor& dx, Tensor& dweight, Tensor& dbias)>
    layer_norm_grad;

}  // namespace uls::slots
