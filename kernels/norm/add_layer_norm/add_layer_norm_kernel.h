// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/random/random_state.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// What is dropped of the branch, with the masks of dropout_kernel.h; nothing where a probability is 0.
struct BranchDrop {
  double dropout = 0, drop_path = 0;
  RandomKey dropout_key, drop_path_key;
};

// x, branch, sum, y, dy, dx, dbranch: [B, L, C] of one type, contiguous. weight, bias: [C] of that type, or
// undefined. mean, rstd: [B L], float32 (float64 for float64).
// With s = 1 / (1 - p) of each probability where nothing is dropped, else 0: sum = x + branch s_path
// s_element.
extern KernelSlot<void(const Tensor& x, const Tensor& branch, const BranchDrop& drop, const Tensor& weight,
                       const Tensor& bias, double eps, Tensor& sum, Tensor& y, Tensor& mean, Tensor& rstd)>
    add_layer_norm;
// dx is the gradient of layer_norm (layer_norm_kernel.h) with sum for x, added to what dx holds where
// `add`: the gradient of sum. dbranch = dx s_path s_element. Undefined dx, dbranch, dweight or dbias are not
// wanted; dbranch needs dx.
extern KernelSlot<void(const Tensor& sum, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                       const BranchDrop& drop, const Tensor& dy, Tensor& dx, bool add, Tensor& dbranch,
                       Tensor& dweight, Tensor& dbias)>
    add_layer_norm_grad;

}  // namespace uls::slots
