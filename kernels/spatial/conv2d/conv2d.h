// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

struct Conv2dOptions {
  std::int64_t stride = 1;   // of both directions
  std::int64_t padding = 0;  // zeros on each side
  std::int64_t groups = 1;   // input and output channels are cut into as many parts, which do not mix
};

/// Cross-correlation of images, as torch.nn.functional.conv2d, channels last.
/// x: [B, H, W, I], floating, any strides. weight: [O, kh, kw, I / groups] and bias: [O] of x's type; bias
/// may be undefined. Returns [B, (H + 2 padding - kh) / stride + 1, (W + 2 padding - kw) / stride + 1, O],
/// rounded down, contiguous. Products are summed in float32 (float64 for float64). Differentiable.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Conv2dOptions& options = {});

}  // namespace uls
