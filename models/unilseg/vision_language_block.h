// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config/field.h"
#include "models/layers/attention_layer.h"
#include "models/layers/feed_forward.h"
#include "models/layers/residual.h"

namespace uls {

struct VisionLanguageBlockConfig {
  std::int64_t d_model = 512, nhead = 8, ffn = 2048;
  std::int64_t sr_ratio = 1;  // the self-attention sees a map smaller by this
  double dropout = 0.1, layer_norm_eps = 1e-5;
};
const FieldTable<VisionLanguageBlockConfig>& vision_language_block_table();

/// Self-attention of a shrunken map together with the words, cross-attention of the map to the words, and a
/// feed-forward network, each post-norm (shared/spec/model.md section 4).
class VisionLanguageBlock {
 public:
  VisionLanguageBlock(const ModelBuilder& b, const VisionLanguageBlockConfig& config);

  /// x: [B, H, W, C], position: [H, W, C] or [B, H, W, C]; words, their positions: [B, L, C] and [L, C] or
  /// [B, L, C]; mask: bool [B, L], true where padded. Returns [B, H, W, C].
  Tensor operator()(const Tensor& x, const Tensor& position, const Tensor& words, const Tensor& word_position,
                    const Tensor& mask, const Pass& pass) const;

 private:
  Tensor attend_to_all(const Tensor& x, const Tensor& position, const Tensor& words, const Tensor& mask,
                       const Pass& pass) const;

  std::string path_;
  VisionLanguageBlockConfig config_;
  MultiHeadAttention self_attention_, cross_attention_;
  FeedForward feed_forward_;
  LayerNorm norm1_, norm2_, norm3_;
};

}  // namespace uls
