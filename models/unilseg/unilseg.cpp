// SPDX-License-Identifier: Apache-2.0
#include "models/unilseg/unilseg.h"

#include "core/tensor/primitives.h"
#include "kernels/primitives/views/views.h"
#include "models/layers/positions.h"

namespace uls {
namespace {

// The towers' layer norms share the model's eps.
UniLSegConfig resolved(UniLSegConfig config) {
  check(config);
  config.swin.layer_norm_eps = config.text.layer_norm_eps = config.layer_norm_eps;
  return config;
}

}  // namespace

UniLSeg::UniLSeg(const ModelBuilder& b, const UniLSegConfig& config)
    : config_(resolved(config)),
      text_(b / "backbone", config_.text),
      image_(b / "backbone_visual", config_.swin),
      pixel_decoder_(b / "pixel_decoder", {.channels = config.pixel_decoder_in,
                                           .sr_ratios = config.sr_ratios,
                                           .conv_dim = config.pixel_decoder_conv,
                                           .mask_dim = config.pixel_decoder_mask,
                                           .ffn = config.pixel_ffn,
                                           .nhead = config.nhead,
                                           .dropout = config.dropout,
                                           .layer_norm_eps = config.layer_norm_eps,
                                           .batch_norm_eps = config.batch_norm_eps,
                                           .batch_norm_momentum = config.batch_norm_momentum}),
      query_decoder_(b / "query_decoder", {.d_model = config.d_model,
                                           .num_enc = config.num_enc,
                                           .num_dec = config.num_dec,
                                           .ffn = config.query_ffn,
                                           .nhead = config.nhead,
                                           .in_visual = config.visual_in,
                                           .in_text = config.text_in,
                                           .dropout = config.dropout,
                                           .layer_norm_eps = config.layer_norm_eps,
                                           .batch_norm_eps = config.batch_norm_eps,
                                           .batch_norm_momentum = config.batch_norm_momentum}) {
  const std::size_t last = config.pixel_decoder_in.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    const auto named = [&](const char* one, const char* several) {
      return i == last ? b / one : b / several / std::int64_t(i);
    };
    const std::int64_t channels = config.pixel_decoder_in[i];
    fusions_.push_back(
        {.projection = Linear(named("fusion_proj", "all_fusion_proj"), config.text.text_width, channels),
         .module =
             FusionModule(named("fusion", "all_fusion_module"), channels, config.nhead, config.dropout)});
  }
}

UniLSeg::Output UniLSeg::operator()(const Tensor& image, const Tensor& ids, const Pass& pass) const {
  ULS_CHECK(image.rank() == 4 && image.size(3) == 3 && ids.rank() == 2 && ids.size(0) == image.size(0),
            "unilseg: image and words do not fit; got {} and {}; expected [B, H, W, 3] and [B, L]",
            describe(image), describe(ids));
  const TextEncoder::Output text = text_(ids, pass);
  const Tensor mask = padding_mask(ids);
  std::vector<Tensor> maps = image_(image, pass);
  pass.show("words", text.words);
  pass.show("state", text.state);
  for (std::size_t i = 0; i < maps.size(); ++i) {
    pass.show("swin.stage" + std::to_string(i), maps[i]);
    const Shape shape = maps[i].shape();
    const std::int64_t pixels = shape[1] * shape[2], channels = shape[3];
    const Tensor position = positions_2d(shape[1], shape[2], channels, image.dtype(), image.device());
    const Tensor fused = fusions_[i].module(reshape(maps[i], {shape[0], pixels, channels}),
                                            position.reshaped({pixels, channels}),
                                            fusions_[i].projection(text.words), mask, pass);
    pass.show(i + 1 < maps.size() ? "fusion." + std::to_string(i) : "fusion.last", fused);
    maps[i] = reshape(fused, shape);
  }
  return {query_decoder_(maps.back(), text.state, pass), pixel_decoder_(maps, text.words, mask, pass)};
}

bool is_passenger(const std::string& name) {
  return name.starts_with("backbone.visual.") || name == "backbone.logit_scale" ||
         name.ends_with(".relative_position_index");
}

Tensor padding_mask(const Tensor& ids) {
  Tensor mask = empty(ids.shape(), DType::boolean, ids.device());
  if (ids.device().type == DeviceType::meta) return mask;
  const Tensor from = contiguous(ids);
  for (std::int64_t i = 0; i < ids.numel(); ++i) mask.data<bool>()[i] = from.data<std::int64_t>()[i] == 0;
  return mask;
}

}  // namespace uls
