// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/linear/linear.h"

namespace uls {

/// Two linear layers: [hidden, in], [hidden], [out, hidden] and [out]; biases may be undefined.
struct FeedForwardLayers {
  Tensor first, first_bias, last, last_bias;
};

/// y = last(dropout(f(first(x)))), of a Transformer (Vaswani et al. 2017, section 3.3). f is not `none`.
/// x: [B, ..., in], floating, any strides; dimension 0 counts samples. Layers are of x's type. Returns [B,
/// ..., out], contiguous. dropout in [0, 1], its masks as in dropout.h; one draw where it is above 0.
/// Products are summed in float32 (float64 for float64). Differentiable: of the hidden layer's size one
/// tensor is kept, the argument of f or for relu what is left by dropout; the rest of the hidden layer is
/// there by blocks of rows.
Tensor feed_forward(const Tensor& x, const FeedForwardLayers& layers, Activation f, double dropout = 0);

}  // namespace uls
