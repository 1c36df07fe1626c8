// SPDX-License-Identifier: Apache-2.0
#include "models/unilseg/pixel_decoder.h"

#include "core/autograd/checkpoint.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/spatial/resize_bilinear/resize_bilinear.h"
#include "models/layers/positions.h"

namespace uls {

const FieldTable<PixelDecoderConfig>& pixel_decoder_table() {
  using C = PixelDecoderConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("pixel_decoder");
    t.add("channels", &C::channels, "of the stages' maps").range(1, 65536);
    t.add("sr_ratios", &C::sr_ratios, "by how much each stage shrinks for its self-attention").range(1, 1024);
    t.add("conv_dim", &C::conv_dim, "width").range(1, 65536);
    t.add("mask_dim", &C::mask_dim, "width of the features that masks are made of").range(1, 65536);
    t.add("ffn", &C::ffn, "hidden width of the blocks").range(1, 1 << 20);
    t.add("nhead", &C::nhead, "attention heads").range(1, 4096);
    t.add("dropout", &C::dropout, "of the blocks").range(0, 0.99);
    return t;
  }();
  return table;
}

void check(const PixelDecoderConfig& config) {
  ULS_CHECK(!config.channels.empty() && config.channels.size() == config.sr_ratios.size(),
            "pixel_decoder: channels and sr_ratios differ in length; got {} and {}; expected one of each for "
            "a stage",
            config.channels.size(), config.sr_ratios.size());
  ULS_CHECK(config.conv_dim % config.nhead == 0,
            "pixel_decoder: conv_dim does not split into heads; got {} and {}; expected a multiple",
            config.conv_dim, config.nhead);
}

PixelDecoder::PixelDecoder(const ModelBuilder& b, const PixelDecoderConfig& config)
    : config_(config),
      mask_features_(b / "mask_features", config.conv_dim, config.mask_dim, 3, config.batch_norm_eps,
                     config.batch_norm_momentum) {
  check(config);
  const std::int64_t width = config.conv_dim;
  for (std::size_t i = 0; i < config.channels.size(); ++i) {
    const auto name = [&](const char* stem) { return stem + std::to_string(i + 1); };
    const auto conv = [&](const char* stem, std::int64_t in, std::int64_t kernel) {
      return ConvBatchNormRelu(b / name(stem), in, width, kernel, config.batch_norm_eps,
                               config.batch_norm_momentum);
    };
    stages_.push_back(
        {.adapter = conv("adapter_", config.channels[i], 1),
         .output = conv("layer_", width, 3),
         .block = VisionLanguageBlock(b / name("cross_attn_"), {.d_model = width,
                                                                .nhead = config.nhead,
                                                                .ffn = config.ffn,
                                                                .sr_ratio = config.sr_ratios[i],
                                                                .dropout = config.dropout,
                                                                .layer_norm_eps = config.layer_norm_eps})});
  }
}

Tensor PixelDecoder::run_stage(const Stage& stage, const Tensor& map, const Tensor& above,
                               const Tensor& words, const Tensor& mask, const Pass& pass) const {
  const std::int64_t height = map.size(1), width = map.size(2), channels = config_.conv_dim;
  const Tensor position = positions_2d(height, width, channels, map.dtype(), map.device());
  const Tensor word_position = positions_1d(words.size(1), channels, map.dtype(), map.device());
  const Tensor adapted = stage.adapter(map, pass);
  const auto block = [&stage, position, word_position, mask, pass](const std::vector<Tensor>& in) {
    return std::vector<Tensor>{stage.block(in[0], position, in[1], word_position, mask, pass)};
  };
  const std::vector<Tensor> inputs{adapted, words};
  const Tensor y = (pass.recompute ? checkpoint(block, inputs) : block(inputs))[0];
  return stage.output(above ? resize_bilinear(above, height, width, false, y) : y, pass);
}

Tensor PixelDecoder::operator()(const std::vector<Tensor>& maps, const Tensor& words, const Tensor& mask,
                                const Pass& pass) const {
  ULS_CHECK(maps.size() == stages_.size(), "pixel_decoder: wrong number of maps; got {}; expected {}",
            maps.size(), stages_.size());
  Tensor y;
  for (std::size_t i = stages_.size(); i-- > 0;) y = run_stage(stages_[i], maps[i], y, words, mask, pass);
  return mask_features_(y, pass);
}

}  // namespace uls
