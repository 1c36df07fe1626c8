// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// y = x weight^T + bias, as torch.nn.functional.linear.
/// x: [..., in], floating, any strides. weight: [out, in] and bias: [out] of x's type; bias may be undefined.
/// Returns [..., out], contiguous. Products are summed in float32 (float64 for float64). Differentiable.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace uls
