// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

struct WindowAttentionOptions {
  std::int64_t heads = 1;
  std::int64_t window = 7;  // K, side of a window in pixels
  std::int64_t shift = 0;   // of the windows to the right and downwards, in [0, K)
};

/// (Shifted) window attention (Liu et al., Swin Transformer, 2021) between its two projections: softmax(q k^T
/// / sqrt(D) + bias) v for each window of K x K pixels and each of N heads of size D = C / N.
/// qkv: [B, H, W, 3C], floating, any strides: q, k, v one after the other, head n in the channels n D ...
/// n D + D - 1 of each. bias_table: [(2K-1)^2, N] of its type: the bias of query (r, c) and key (s, t) lies
/// in row (r - s + K - 1)(2K - 1) + c - t + K - 1. Right and bottom are padded to whole windows with pixels
/// whose q, k, v are qkv_bias, [3C] of that type (zeros where it is undefined): the bias of the projection,
/// since padding is zero before it. They are keys like all others. With a shift, the padded map is rolled by
/// -shift in both directions, and back at the end; pixels of a window that the roll brought together have
/// -100 added to their scores. Returns [B, H, W, C], contiguous. Scores and weights are never stored. They
/// are computed in float32 (float64 for float64). Differentiable in all three; the gradient of qkv_bias is
/// the padding's share alone.
Tensor window_attention(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
                        const WindowAttentionOptions& options);

/// The same for windows that are given one by one, composed of simple operations that store the scores: the
/// twin that window_attention() is held against, and stands for where fused kernels are switched off.
/// qkv: [windows, K K, 3C]. mask: [nW, K K, K K] of its type, added to the scores of window i from its place
/// i % nW; or undefined. Returns [windows, K K, C]. Differentiable in all three.
Tensor window_attention_with_mask(const Tensor& qkv, const Tensor& bias_table, const Tensor& mask,
                                  std::int64_t heads);

}  // namespace uls
