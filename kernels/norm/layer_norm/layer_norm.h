// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// y = (x - mean) / sqrt(var + eps) * weight + bias over the last dimension, with the biased variance
/// (Ba, Kiros, Hinton 2016).
/// x: [..., C], floating, any strides. weight, bias: [C] of x's type, or both undefined. Returns x's shape,
/// contiguous. Statistics in float32 (float64 for float64). Differentiable in x, weight and bias.
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps = 1e-5);

}  // namespace uls
