// SPDX-License-Identifier: Apache-2.0
// Four slots, so that ranks can combine their `moments`, and add up their `sums`, between them.
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"
#include "kernels/norm/batch_norm/batch_norm.h"

namespace uls::slots {

// x, y, dy, dx: [rows, C] of one type, contiguous. weight, bias: [C] of that type.
// moments: [3, C], float32 (float64 for float64), contiguous: for each channel the number n of values, their
// mean, and M2, the sum of squared differences from it. Two sets combine to (Chan, Golub, LeVeque 1979)
//   n = n_a + n_b,  d = mean_b - mean_a,  mean = mean_a + d n_b / n,  M2 = M2_a + M2_b + d^2 n_a n_b / n.
// Inference passes (1, running_mean, running_var).
extern KernelSlot<void(const Tensor& x, Tensor& moments)> batch_norm_statistics;

// With rstd = 1 / sqrt(M2 / n + eps) and xhat = (x - mean) rstd: y = xhat weight + bias. In training it also
// moves the state on.
extern KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& moments,
                       const BatchNormOptions& options, BatchNormState& state, Tensor& y)>
    batch_norm_apply;

// sums: [2, C] of the moments' type, contiguous: the sums over rows of dy and of dy xhat, which are the
// gradients of bias and weight.
extern KernelSlot<void(const Tensor& x, const Tensor& moments, double eps, const Tensor& dy, Tensor& sums)>
    batch_norm_grad_sums;

// dx = weight rstd (dy - sums_0 / n - xhat sums_1 / n); undefined sums, for inference, count as zeros.
extern KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& moments, double eps,
                       const Tensor& sums, const Tensor& dy, Tensor& dx)>
    batch_norm_grad_apply;

}  // namespace uls::slots
