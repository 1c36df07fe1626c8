// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/config/field.h"
#include "models/layers/conv_layers.h"
#include "models/unilseg/vision_language_block.h"

namespace uls {

struct PixelDecoderConfig {
  std::vector<std::int64_t> channels{128, 256, 512, 1024}, sr_ratios{8, 4, 2, 1};
  std::int64_t conv_dim = 512, mask_dim = 256, ffn = 2048, nhead = 8;
  double dropout = 0.1, layer_norm_eps = 1e-5, batch_norm_eps = 1e-5, batch_norm_momentum = 0.1;
};
const FieldTable<PixelDecoderConfig>& pixel_decoder_table();
/// Raises Error where the sizes contradict each other.
void check(const PixelDecoderConfig& config);

/// A feature pyramid whose laterals are vision-language blocks: shared/spec/model.md section 4.
class PixelDecoder {
 public:
  PixelDecoder(const ModelBuilder& b, const PixelDecoderConfig& config);

  /// maps: of the stages, [B, H_i, W_i, channels_i]; words: [B, L, conv_dim]; mask: bool [B, L], true where
  /// padded. Returns the features that masks are made of, [B, H_0, W_0, mask_dim].
  Tensor operator()(const std::vector<Tensor>& maps, const Tensor& words, const Tensor& mask,
                    const Pass& pass) const;

 private:
  struct Stage {
    ConvBatchNormRelu adapter, output;
    VisionLanguageBlock block;
  };
  /// The stage's map, and the map above it where there is one, to the sum's features.
  Tensor run_stage(const Stage& stage, const Tensor& map, const Tensor& above, const Tensor& words,
                   const Tensor& mask, const Pass& pass) const;

  PixelDecoderConfig config_;
  std::vector<Stage> stages_;
  ConvBatchNormRelu mask_features_;
};

}  // namespace uls
