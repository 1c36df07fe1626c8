// SPDX-License-Identifier: Apache-2.0
#include "models/layers/attention_layer.h"

#include "core/random/random_state.h"
#include "kernels/attention/attention/attention.h"
#include "kernels/primitives/views/views.h"

namespace uls {
namespace {

bool is_same(const Tensor& a, const Tensor& b) {
  return a.storage() == b.storage() && a.node() == b.node() && a.output_index() == b.output_index() &&
         a.offset() == b.offset() && a.shape() == b.shape() && a.strides() == b.strides();
}

}  // namespace

MultiHeadAttention::MultiHeadAttention(const ModelBuilder& b, std::int64_t channels, const Options& options)
    : path_(b.path()),
      channels_(channels),
      options_(options),
      in_weight_(b.parameter("in_proj_weight", {3 * channels, channels},
                             options.in_weight.value_or(InitialValues::xavier(channels, 3 * channels)))),
      in_bias_(b.parameter("in_proj_bias", {3 * channels}, InitialValues::constant(0))),
      out_(b / "out_proj", channels, channels,
           {.weight = options.out_weight, .bias = InitialValues::constant(0)}) {}

Tensor MultiHeadAttention::project(const Tensor& x, std::int64_t first, std::int64_t last) const {
  if (first == 0 && last == 3) return linear(x, in_weight_, in_bias_);
  return linear(x, slice(in_weight_, 0, first * channels_, last * channels_),
                slice(in_bias_, 0, first * channels_, last * channels_));
}

Tensor MultiHeadAttention::operator()(const Tensor& query, const Tensor& key, const Tensor& value,
                                      const Pass& pass, const Tensor& mask) const {
  const ModuleScope scope(path_);
  const auto part = [&](const Tensor& x, std::int64_t i) {
    return slice(x, -1, i * channels_, (i + 1) * channels_);
  };
  Tensor q, k, v;
  if (is_same(query, key)) {
    const bool all = is_same(key, value);
    const Tensor packed = project(query, 0, all ? 3 : 2);
    q = part(packed, 0), k = part(packed, 1), v = all ? part(packed, 2) : project(value, 2, 3);
  } else {
    q = project(query, 0, 1);
    if (is_same(key, value)) {
      const Tensor packed = project(key, 1, 3);
      k = part(packed, 0), v = part(packed, 1);
    } else {
      k = project(key, 1, 2), v = project(value, 2, 3);
    }
  }
  return out_(attention(
      q, k, v, {.heads = options_.heads, .causal = options_.causal, .dropout = pass.rate(options_.dropout)},
      mask));
}

}  // namespace uls
