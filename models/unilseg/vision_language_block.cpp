// SPDX-License-Identifier: Apache-2.0
#include "models/unilseg/vision_language_block.h"

#include "core/random/random_state.h"
#include "core/tensor/primitives.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/concat/concat.h"
#include "kernels/primitives/views/views.h"
#include "kernels/spatial/resize_bilinear/resize_bilinear.h"
#include "models/layers/xavier_layers.h"

namespace uls {
const FieldTable<VisionLanguageBlockConfig>& vision_language_block_table() {
  using C = VisionLanguageBlockConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("vision_language_block");
    t.add("d_model", &C::d_model, "width").range(1, 65536);
    t.add("nhead", &C::nhead, "attention heads").range(1, 4096);
    t.add("ffn", &C::ffn, "hidden width of the feed-forward network").range(1, 1 << 20);
    t.add("sr_ratio", &C::sr_ratio, "by how much the map shrinks for self-attention").range(1, 1024);
    t.add("dropout", &C::dropout, "of weights, branches and the hidden layer").range(0, 0.99);
    return t;
  }();
  return table;
}

VisionLanguageBlock::VisionLanguageBlock(const ModelBuilder& b, const VisionLanguageBlockConfig& config)
    : path_(b.path()),
      config_(config),
      self_attention_(xavier_attention(b / "self_attn", config.d_model, config.nhead, config.dropout)),
      cross_attention_(xavier_attention(b / "multihead_attn", config.d_model, config.nhead, config.dropout)),
      feed_forward_(xavier_feed_forward(b, config.d_model, config.ffn, config.dropout)),
      norm1_(b / "norm1", config.d_model, config.layer_norm_eps),
      norm2_(b / "norm2", config.d_model, config.layer_norm_eps),
      norm3_(b / "norm3", config.d_model, config.layer_norm_eps) {}

// Resizing is linear: x + position is resized as the sum of both, of which the position has no gradient.
Tensor VisionLanguageBlock::attend_to_all(const Tensor& x, const Tensor& position, const Tensor& words,
                                          const Tensor& mask, const Pass& pass) const {
  const std::int64_t batch = x.size(0), height = x.size(1), width = x.size(2), channels = x.size(3),
                     small_height = height / config_.sr_ratio, small_width = width / config_.sr_ratio,
                     pixels = small_height * small_width;
  ULS_CHECK(pixels > 0,
            "vision_language_block: nothing is left of the map; got {} by {} shrunken by {}; expected "
            "sides of at least sr_ratio",
            height, width, config_.sr_ratio);
  const bool shrinks = config_.sr_ratio > 1;
  const auto shrink = [&](const Tensor& map) {
    return shrinks ? resize_bilinear(map, small_height, small_width) : map;
  };
  const Tensor map = shrink(x);
  const Tensor small_position =
      shrink(position.rank() == 4 ? position : reshape(position, {1, height, width, channels}));
  const auto with_words = [&](const Tensor& values) {
    return concat({reshape(values, {batch, pixels, channels}), words}, 1);
  };
  const Tensor query = with_words(map + small_position), value = with_words(map);
  Tensor all = mask;
  if (mask) all = concat({zeros({batch, pixels}, DType::boolean, mask.device()), mask}, 1);
  const Tensor seen = slice(self_attention_(query, query, value, pass, all), 1, 0, pixels);
  const Tensor small = reshape(seen, {batch, small_height, small_width, channels});
  return shrinks ? resize_bilinear(small, height, width) : small;
}

Tensor VisionLanguageBlock::operator()(const Tensor& x, const Tensor& position, const Tensor& words,
                                       const Tensor& word_position, const Tensor& mask,
                                       const Pass& pass) const {
  const ModuleScope scope(path_);
  const Shape tokens{x.size(0), x.size(1) * x.size(2), x.size(3)};
  Tensor v = add_and_norm(norm1_, x, attend_to_all(x, position, words, mask, pass), config_.dropout, pass);
  const Tensor read =
      cross_attention_(reshape(v + position, tokens), words + word_position, words, pass, mask);
  v = add_and_norm(norm2_, v, reshape(read, x.shape()), config_.dropout, pass);
  return add_and_norm(norm3_, v, feed_forward_(v, pass), config_.dropout, pass);
}

}  // namespace uls
