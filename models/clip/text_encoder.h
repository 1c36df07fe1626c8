// SPDX-License-Identifier: Apache-2.0
// CLIP's text tower (Radford et al. 2021): shared/spec/model.md section 1.
#pragma once

#include <vector>

#include "core/config/field.h"
#include "models/clip/clip_block.h"

namespace uls {

struct TextEncoderConfig {
  std::int64_t text_width = 512, text_heads = 8, text_layers = 12, text_embed = 512;
  std::int64_t vocab_size = 49408, context_length = 77;
  std::int64_t word_len = 17, sot_token = 49406, eot_token = 49407;
  double layer_norm_eps = 1e-5;  // no key of its own
};
const FieldTable<TextEncoderConfig>& text_encoder_table();
/// Raises Error where the sizes contradict each other.
void check(const TextEncoderConfig& config);

class TextEncoder {
 public:
  struct Output {
    Tensor words;  // [B, L, width], every position, not projected
    Tensor state;  // [B, embed], the end token's position, projected
  };

  TextEncoder(const ModelBuilder& b, const TextEncoderConfig& config);

  /// ids: int64 [B, L], L <= context_length; the end token is the largest of its row.
  Output operator()(const Tensor& ids, const Pass& pass) const;

 private:
  TextEncoderConfig config_;
  Tensor token_embedding_, positional_embedding_;  // [V, width], [context, width]
  std::vector<ClipBlock> blocks_;
  LayerNorm norm_;
  Tensor projection_;  // [width, embed]
};

}  // namespace uls
