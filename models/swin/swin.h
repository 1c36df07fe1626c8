// SPDX-License-Identifier: Apache-2.0
// Swin Transformer (Liu et al. 2021) as a backbone: shared/spec/model.md section 2.
#pragma once

#include <optional>
#include <vector>

#include "core/config/field.h"
#include "models/layers/conv_layers.h"
#include "models/layers/feed_forward.h"
#include "models/layers/residual.h"

namespace uls {

struct SwinConfig {
  std::int64_t embed_dim = 128;
  std::vector<std::int64_t> depths{2, 2, 18, 2}, num_heads{4, 8, 16, 32};
  std::int64_t window_size = 7, patch_size = 4;
  double mlp_ratio = 4;
  double drop_path_rate = 0.2;   // of the last block; grows from 0 at the first
  double layer_norm_eps = 1e-5;  // no key of its own
};
const FieldTable<SwinConfig>& swin_table();
/// Raises Error where the sizes contradict each other.
void check(const SwinConfig& config);

/// x += drop_path(proj(window_attention(qkv(norm1(x))))); x += drop_path(fc2(gelu(fc1(norm2(x))))).
class SwinBlock {
 public:
  struct Options {
    std::int64_t heads, window, shift, hidden;
    double drop_path, eps;
  };
  SwinBlock(const ModelBuilder& b, std::int64_t channels, const Options& options);

  /// Takes the stream [B, H, W, C] on.
  void operator()(ResidualStream& stream, const Pass& pass) const;
  double drop_path() const { return options_.drop_path; }

 private:
  std::string path_;
  Options options_;
  LayerNorm norm1_, norm2_;
  Linear qkv_, proj_;
  Tensor bias_table_;  // [(2 K - 1)^2, N]
  FeedForward mlp_;
};

class Swin {
 public:
  Swin(const ModelBuilder& b, const SwinConfig& config);

  /// image: [B, H, W, 3]. Returns the stages' maps, each after its norm: [B, H / 4 / 2^i, W / 4 / 2^i, 2^i
  /// C], sizes rounded up.
  std::vector<Tensor> operator()(const Tensor& image, const Pass& pass) const;

 private:
  struct Merging {
    LayerNorm norm;
    Linear reduction;
  };
  struct Stage {
    std::vector<SwinBlock> blocks;
    LayerNorm norm;                  // of the output
    std::optional<Merging> merging;  // none behind the last stage
  };
  void run_blocks(const Stage& stage, ResidualStream& stream, const Pass& pass) const;

  SwinConfig config_;
  Conv patches_;
  LayerNorm patch_norm_;
  std::vector<Stage> stages_;
};

}  // namespace uls
