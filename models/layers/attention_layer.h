// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "models/layers/linear_layer.h"
#include "models/pass.h"

namespace uls {

/// torch.nn.MultiheadAttention with one width for query, key and value (Vaswani et al. 2017).
class MultiHeadAttention {
 public:
  struct Options {
    std::int64_t heads = 8;
    double dropout = 0;   // of the weights, in training
    bool causal = false;  // a token sees those before it
    // Of the packed and of the last projection's weight; torch's defaults where left out.
    std::optional<InitialValues> in_weight{}, out_weight{};
  };
  MultiHeadAttention(const ModelBuilder& b, std::int64_t channels, const Options& options);

  /// query: [B, Q, C], key, value: [B, L, C]; mask: bool [B, L], true where a key is ignored, or undefined.
  /// Arguments that are one and the same tensor are projected together.
  Tensor operator()(const Tensor& query, const Tensor& key, const Tensor& value, const Pass& pass,
                    const Tensor& mask = {}) const;

 private:
  /// Rows first ... last - 1, in widths, of the packed projection, on x.
  Tensor project(const Tensor& x, std::int64_t first, std::int64_t last) const;

  std::string path_;
  std::int64_t channels_;
  Options options_;
  Tensor in_weight_, in_bias_;  // [3 C, C], [3 C]
  Linear out_;
};

}  // namespace uls
