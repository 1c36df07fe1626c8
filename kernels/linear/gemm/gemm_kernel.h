// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

struct GemmOptions {
  bool transpose_a = false, transpose_b = false;
  bool accumulate = false;  // c += instead of c =
};

// c = op(a) op(b) + bias. All contiguous: a [m, k] or [k, m], b [k, n] or [n, k] of one type, c [m, n] of
// that type or float32. bias: [n] of c's type, or undefined; not with accumulate.
extern KernelSlot<void(const Tensor& a, const Tensor& b, const Tensor& bias, const GemmOptions& options,
                       Tensor& c)>
    gemm;
// The same by oneDNN, which gemm uses on the CPU where it is in the build; all of type float32.
extern KernelSlot<void(const Tensor& a, const Tensor& b, const Tensor& bias, const GemmOptions& options,
                       Tensor& c)>
    gemm_onednn;

}  // namespace uls::slots
