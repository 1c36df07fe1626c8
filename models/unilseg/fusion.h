// SPDX-License-Identifier: Apache-2.0
// Pre-fusion: the words speak to every stage's map (shared/spec/model.md section 3).
#pragma once

#include "models/layers/attention_layer.h"

namespace uls {

/// x + MHA(query = x + position, key = value = memory); no norm, no position on the keys.
class FusionModule {
 public:
  FusionModule(const ModelBuilder& b, std::int64_t channels, std::int64_t heads, double dropout)
      : attention_(b / "multihead_attn", channels, {.heads = heads, .dropout = dropout}) {}

  /// x: [B, P, C], position: [P, C] or [B, P, C], memory: [B, L, C], mask: bool [B, L], true where padded.
  Tensor operator()(const Tensor& x, const Tensor& position, const Tensor& memory, const Tensor& mask,
                    const Pass& pass) const;

 private:
  MultiHeadAttention attention_;
};

}  // namespace uls
