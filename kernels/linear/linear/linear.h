// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// What is applied to a result before it is handed out; the functions of the same names say more.
enum class Activation { none, relu, gelu, quick_gelu };

/// y = f(x weight^T + bias), as torch.nn.functional.linear and an activation f after it.
/// x: [..., in], floating, any strides. weight: [out, in] and bias: [out] of x's type; bias may be undefined.
/// Returns [..., out], contiguous. Products are summed in float32 (float64 for float64). Differentiable: of
/// the size of y the argument of f is kept (for relu y itself), and nothing where nothing is recorded.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              Activation activation = Activation::none);

}  // namespace uls
