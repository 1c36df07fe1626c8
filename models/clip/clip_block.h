// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/layers/attention_layer.h"
#include "models/layers/feed_forward.h"
#include "models/layers/residual.h"

namespace uls {

/// A block of both of CLIP's towers: x += attn(ln_1(x)); x += c_proj(quick_gelu(c_fc(ln_2(x)))).
class ClipBlock {
 public:
  struct Options {
    std::int64_t width, heads;
    std::int64_t layers;  // of the tower: its depth scales the initial values
    bool causal;
    double eps;
  };
  ClipBlock(const ModelBuilder& b, const Options& options);

  /// Takes the stream [B, L, width] on.
  void operator()(ResidualStream& stream, const Pass& pass) const;

 private:
  LayerNorm norm1_, norm2_;
  MultiHeadAttention attention_;
  FeedForward mlp_;
};

}  // namespace uls
