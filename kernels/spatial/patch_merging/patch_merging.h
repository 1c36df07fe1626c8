// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// Swin's patch merging, the part without weights: the four pixels of each 2 x 2 patch side by side as
/// channels, in the order (even row, even column), (odd, even), (even, odd), (odd, odd); zeros for what an
/// odd side lacks (Liu et al. 2021). x: [B, H, W, C], any type and strides. Returns [B, ceil(H / 2), ceil(W /
/// 2), 4 C], contiguous. Differentiable.
Tensor patch_merging(const Tensor& x);

}  // namespace uls
