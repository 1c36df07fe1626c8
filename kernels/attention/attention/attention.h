// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

struct AttentionOptions {
  std::int64_t heads = 1;
  bool causal = false;  // query i sees the keys 0 ... i
  double dropout =
      0;  // probability that a weight is set to 0, in [0, 1); the others grow by 1 / (1 - dropout)
};

/// softmax(q k^T / sqrt(D)) v for each of N heads of size D = C / N (Vaswani et al. 2017), without
/// projections. q: [B, Q, C], k, v: [B, L, C], of one floating type, any strides. Head n has the channels n D
/// ... n D + D - 1. key_padding_mask: bool [B, L], true where a key is ignored, or undefined. Returns [B, Q,
/// C], contiguous. Scores and weights are never stored: memory grows with Q + L. They are computed in float32
/// (float64 for float64). A query whose keys are all ignored gets NaN, as in PyTorch's MultiheadAttention;
/// with L = 0, zeros. Dropped weights are drawn under RandomState's next key. Differentiable in q, k and v.
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options,
                 const Tensor& key_padding_mask = {});

struct AttentionWithWeights {
  Tensor y;        // [B, Q, C]
  Tensor weights;  // [B, Q, L]: the mean over heads, after dropout
};

/// attention(), and its weights, composed of simple operations that store the scores: the twin that
/// attention() is held against, and stands for where fused kernels are switched off. `bias`, [Q, L] or [B, N,
/// Q, L] of q's type, is added to the scores; it may be undefined. Both results are differentiable in q, k, v
/// and bias.
AttentionWithWeights attention_with_weights(const Tensor& q, const Tensor& k, const Tensor& v,
                                            const AttentionOptions& options,
                                            const Tensor& key_padding_mask = {}, const Tensor& bias = {});

}  // namespace uls
