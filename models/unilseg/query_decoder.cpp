// SPDX-License-Identifier: Apache-2.0
#include "models/unilseg/query_decoder.h"

#include "core/random/random_state.h"
#include "core/tensor/primitives.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/concat/concat.h"
#include "kernels/primitives/views/views.h"
#include "models/layers/positions.h"
#include "models/layers/xavier_layers.h"

namespace uls {
const FieldTable<QueryDecoderConfig>& query_decoder_table() {
  using C = QueryDecoderConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("query_decoder");
    t.add("d_model", &C::d_model, "width").range(1, 65536);
    t.add("num_enc", &C::num_enc, "encoder layers on the map").range(0, 1000);
    t.add("num_dec", &C::num_dec, "decoder layers").range(1, 1000);
    t.add("ffn", &C::ffn, "hidden width of the layers").range(1, 1 << 20);
    t.add("nhead", &C::nhead, "attention heads").range(1, 4096);
    t.add("in_visual", &C::in_visual, "channels of the map").range(1, 65536);
    t.add("in_text", &C::in_text, "width of the sentence's state").range(1, 65536);
    t.add("dropout", &C::dropout, "of weights, branches and hidden layers").range(0, 0.99);
    return t;
  }();
  return table;
}

void check(const QueryDecoderConfig& config) {
  ULS_CHECK(config.d_model % config.nhead == 0,
            "query_decoder: d_model does not split into heads; got {} and {}; expected a multiple",
            config.d_model, config.nhead);
}

QueryDecoder::QueryDecoder(const ModelBuilder& b, const QueryDecoderConfig& config)
    : path_(b.path()),
      config_(config),
      visual_projection_(b / "visual_proj", config.in_visual, config.d_model, 3, config.batch_norm_eps,
                         config.batch_norm_momentum),
      text_projection_(b / "text_proj" / 0, config.in_text, config.d_model, {.has_bias = false}),
      text_norm_(b / "text_proj" / 1, config.d_model, config.batch_norm_eps, config.batch_norm_momentum),
      norm_(b / "query_transformer" / "decoder" / "norm", config.d_model, config.layer_norm_eps) {
  check(config);
  const auto attention_of = [&](const ModelBuilder& in) {
    return xavier_attention(in, config.d_model, config.nhead, config.dropout);
  };
  const auto feed_forward_of = [&](const ModelBuilder& in) {
    return xavier_feed_forward(in, config.d_model, config.ffn, config.dropout);
  };
  const auto norm_of = [&](const ModelBuilder& in) {
    return LayerNorm(in, config.d_model, config.layer_norm_eps);
  };
  for (std::int64_t i = 0; i < config.num_enc; ++i) {
    const ModelBuilder in = b / "query_transformer" / "encoder" / "layers" / i;
    encoder_.push_back({.self_attention = attention_of(in / "self_attn"),
                        .feed_forward = feed_forward_of(in),
                        .norm1 = norm_of(in / "norm1"),
                        .norm2 = norm_of(in / "norm2")});
  }
  for (std::int64_t i = 0; i < config.num_dec; ++i) {
    const ModelBuilder in = b / "query_transformer" / "decoder" / "layers" / i;
    decoder_.push_back({.self_attention = attention_of(in / "self_attn"),
                        .cross_attention = attention_of(in / "multihead_attn"),
                        .feed_forward = feed_forward_of(in),
                        .norm1 = norm_of(in / "norm1"),
                        .norm2 = norm_of(in / "norm2"),
                        .norm3 = norm_of(in / "norm3")});
  }
}

Tensor QueryDecoder::encode(const Tensor& map, const Tensor& position, const Pass& pass) const {
  Tensor x = reshape(visual_projection_(map, pass), {map.size(0), -1, config_.d_model});
  for (const EncoderLayer& layer : encoder_) {
    const Tensor placed = x + position;
    x = add_and_norm(layer.norm1, x, layer.self_attention(placed, placed, x, pass), config_.dropout, pass);
    x = add_and_norm(layer.norm2, x, layer.feed_forward(x, pass), config_.dropout, pass);
  }
  return x;
}

Tensor QueryDecoder::operator()(const Tensor& map, const Tensor& state, const Pass& pass) const {
  const ModuleScope scope(path_);
  const std::int64_t batch = map.size(0), width = config_.d_model;
  const Tensor position =
      reshape(positions_2d(map.size(1), map.size(2), width, map.dtype(), map.device()), {-1, width});
  const Tensor memory = encode(map, position, pass), placed_memory = memory + position;
  const Tensor query_position = reshape(relu(text_norm_(text_projection_(state), pass)), {batch, 1, width});
  Tensor x = zeros({batch, 1, width}, map.dtype(), map.device());
  std::vector<Tensor> results;
  for (const DecoderLayer& layer : decoder_) {
    const Tensor placed = x + query_position;
    x = add_and_norm(layer.norm1, x, layer.self_attention(placed, placed, x, pass), config_.dropout, pass);
    x = add_and_norm(layer.norm2, x, layer.cross_attention(x + query_position, placed_memory, memory, pass),
                     config_.dropout, pass);
    x = add_and_norm(layer.norm3, x, layer.feed_forward(x, pass), config_.dropout, pass);
    results.push_back(reshape(norm_(x), {1, batch, 1, width}));
  }
  return concat(results, 0);
}

}  // namespace uls
