// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// x resized to height x width by linear interpolation along both sides, plus `other` in the same pass.
/// Coordinates are PyTorch's, F.interpolate(mode="bilinear", antialias=False), in the compute type: pixel o
/// of `out` pixels lies at (o + 1/2) in / out - 1/2, or at o (in - 1) / (out - 1) with align_corners, moved
/// to the nearest pixel where that is outside. x: [B, H, W, C], floating, any strides; H, W, height, width at
/// least 1. other: [B, height, width, C] of x's type, or undefined. Returns [B, height, width, C],
/// contiguous. Differentiable in x and other.
Tensor resize_bilinear(const Tensor& x, std::int64_t height, std::int64_t width, bool align_corners = false,
                       const Tensor& other = {});

}  // namespace uls
