// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// maps[l, b, q, h, w] = <query[l, b, q, :], pixel[b, h, w, :]>: a mask for each query of each decoder layer
/// (Cheng et al. 2021, MaskFormer).
/// query: [layers, B, Q, C], pixel: [B, H, W, C], of one floating type; any strides. Returns
/// [layers, B, Q, H, W], contiguous. Products are summed in float32 (float64 for float64). Differentiable.
Tensor mask_head(const Tensor& query, const Tensor& pixel);

}  // namespace uls
