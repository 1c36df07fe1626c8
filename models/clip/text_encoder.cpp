// SPDX-License-Identifier: Apache-2.0
#include "models/clip/text_encoder.h"

#include <cmath>

#include "kernels/linear/gemm/gemm.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/embedding/embedding.h"
#include "kernels/primitives/take_rows/take_rows.h"
#include "kernels/primitives/views/views.h"

namespace uls {

const FieldTable<TextEncoderConfig>& text_encoder_table() {
  using C = TextEncoderConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("text");
    t.add("text_width", &C::text_width, "channels of CLIP's text tower").range(1, 65536);
    t.add("text_heads", &C::text_heads, "its attention heads").range(1, 4096);
    t.add("text_layers", &C::text_layers, "its blocks").range(0, 1000);
    t.add("text_embed", &C::text_embed, "width of a sentence's projected state").range(1, 65536);
    t.add("vocab_size", &C::vocab_size, "entries of the vocabulary").range(1, 1 << 24);
    t.add("context_length", &C::context_length, "positions that the tower has embeddings for")
        .range(1, 65536);
    t.add("word_len", &C::word_len, "token ids a sentence, the rest padded or cut").range(2, 65536);
    t.add("sot_token", &C::sot_token, "id that begins a sentence").range(0, 1 << 24);
    t.add("eot_token", &C::eot_token, "id that ends a sentence: the largest of all").range(0, 1 << 24);
    return t;
  }();
  return table;
}

void check(const TextEncoderConfig& config) {
  ULS_CHECK(config.text_width % config.text_heads == 0,
            "text: text_width does not split into heads; got {} and {}; expected a multiple",
            config.text_width, config.text_heads);
  ULS_CHECK(config.word_len <= config.context_length,
            "text: word_len is beyond context_length; got {} and {}; expected at most as many",
            config.word_len, config.context_length);
  ULS_CHECK(config.eot_token < config.vocab_size,
            "text: eot_token is no entry of the vocabulary; got {} of {}; expected less than vocab_size",
            config.eot_token, config.vocab_size);
}

TextEncoder::TextEncoder(const ModelBuilder& b, const TextEncoderConfig& config)
    : config_(config),
      token_embedding_(
          (b / "token_embedding")
              .parameter("weight", {config.vocab_size, config.text_width}, InitialValues::normal(0.02))),
      positional_embedding_(b.parameter("positional_embedding", {config.context_length, config.text_width},
                                        InitialValues::normal(0.01))),
      norm_(b / "ln_final", config.text_width, config.layer_norm_eps),
      projection_(b.parameter("text_projection", {config.text_width, config.text_embed},
                              InitialValues::normal(1 / std::sqrt(double(config.text_width))))) {
  check(config);
  for (std::int64_t i = 0; i < config.text_layers; ++i)
    blocks_.emplace_back(b / "transformer" / "resblocks" / i,
                         ClipBlock::Options{.width = config.text_width,
                                            .heads = config.text_heads,
                                            .layers = config.text_layers,
                                            .causal = true,
                                            .eps = config.layer_norm_eps});
}

TextEncoder::Output TextEncoder::operator()(const Tensor& ids, const Pass& pass) const {
  ULS_CHECK(ids.rank() == 2 && ids.dtype() == DType::int64 && ids.size(1) <= config_.context_length,
            "text: not token ids; got {}; expected int64 [B, L] with L of at most {}", describe(ids),
            config_.context_length);
  ResidualStream stream;
  stream.x = embedding(token_embedding_, ids) + slice(positional_embedding_, 0, 0, ids.size(1));
  for (const ClipBlock& block : blocks_) block(stream, pass);
  const Tensor words = stream.next(norm_, pass);
  return {words, matmul(take_rows(words, first_of_largest(ids)), projection_)};
}

}  // namespace uls
