// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/config/field.h"
#include "models/layers/attention_layer.h"
#include "models/layers/conv_layers.h"
#include "models/layers/feed_forward.h"
#include "models/layers/residual.h"

namespace uls {

struct QueryDecoderConfig {
  std::int64_t d_model = 256, num_enc = 0, num_dec = 6, ffn = 2048, nhead = 8;
  std::int64_t in_visual = 1024, in_text = 512;
  double dropout = 0.1, layer_norm_eps = 1e-5, batch_norm_eps = 1e-5, batch_norm_momentum = 0.1;
};
const FieldTable<QueryDecoderConfig>& query_decoder_table();
/// Raises Error where the sizes contradict each other.
void check(const QueryDecoderConfig& config);

/// One query an image, which the sentence positions and the deepest map informs (Carion et al. 2020, DETR):
/// shared/spec/model.md section 5.
class QueryDecoder {
 public:
  QueryDecoder(const ModelBuilder& b, const QueryDecoderConfig& config);

  /// map: [B, H, W, in_visual], state: [B, in_text]. Returns the query after each layer, [num_dec, B, 1,
  /// d_model].
  Tensor operator()(const Tensor& map, const Tensor& state, const Pass& pass) const;

 private:
  struct EncoderLayer {
    MultiHeadAttention self_attention;
    FeedForward feed_forward;
    LayerNorm norm1, norm2;
  };
  struct DecoderLayer {
    MultiHeadAttention self_attention, cross_attention;
    FeedForward feed_forward;
    LayerNorm norm1, norm2, norm3;
  };
  /// The map as memory, [B, H W, d_model], through the encoder's layers.
  Tensor encode(const Tensor& map, const Tensor& position, const Pass& pass) const;

  std::string path_;
  QueryDecoderConfig config_;
  ConvBatchNormRelu visual_projection_;
  Linear text_projection_;
  BatchNorm text_norm_;
  std::vector<EncoderLayer> encoder_;
  std::vector<DecoderLayer> decoder_;
  LayerNorm norm_;  // of every layer's result
};

}  // namespace uls
