// SPDX-License-Identifier: Apache-2.0
// The layers of the decoders, whose matrices the reference draws by xavier_uniform throughout.
#pragma once

#include "models/layers/attention_layer.h"
#include "models/layers/feed_forward.h"

namespace uls {

inline MultiHeadAttention xavier_attention(const ModelBuilder& b, std::int64_t channels, std::int64_t heads,
                                           double dropout) {
  return MultiHeadAttention(
      b, channels,
      {.heads = heads, .dropout = dropout, .out_weight = InitialValues::xavier(channels, channels)});
}

/// b / "linear1" and b / "linear2", with ReLU and dropout between.
inline FeedForward xavier_feed_forward(const ModelBuilder& b, std::int64_t channels, std::int64_t hidden,
                                       double dropout) {
  const auto layer = [](const ModelBuilder& in, std::int64_t from, std::int64_t to) {
    return Linear(in, from, to, {.weight = InitialValues::xavier(from, to)});
  };
  Linear first = layer(b / "linear1", channels, hidden), last = layer(b / "linear2", hidden, channels);
  return FeedForward(std::move(first), std::move(last), Activation::relu, dropout);
}

}  // namespace uls
