// SPDX-License-Identifier: Apache-2.0
#include "models/clip/image_encoder.h"

#include <cmath>

#include "kernels/linear/gemm/gemm.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/concat/concat.h"
#include "kernels/primitives/reduce/reduce.h"
#include "kernels/primitives/views/views.h"

namespace uls {
namespace {

Tensor unit_rows(const Tensor& x) { return x / sqrt(sum(square(x), {-1}, true)); }

}  // namespace

const FieldTable<ImageEncoderConfig>& image_encoder_table() {
  using C = ImageEncoderConfig;
  static const FieldTable<C> table = [] {
    FieldTable<C> t("image");
    t.add("vision_width", &C::vision_width, "channels of CLIP's image tower").range(1, 65536);
    t.add("vision_heads", &C::vision_heads, "its attention heads").range(1, 4096);
    t.add("vision_layers", &C::vision_layers, "its blocks").range(0, 1000);
    t.add("vision_patch", &C::vision_patch, "side of a patch, in pixels").range(1, 4096);
    t.add("image_size", &C::image_size, "side of the square image, in pixels").range(1, 65536);
    t.add("embed", &C::embed, "width of the projected class token").range(1, 65536);
    return t;
  }();
  return table;
}

void check(const ImageEncoderConfig& config) {
  ULS_CHECK(config.image_size % config.vision_patch == 0,
            "clip: image_size is no multiple of vision_patch; got {} and {}; expected a multiple",
            config.image_size, config.vision_patch);
  ULS_CHECK(config.vision_width % config.vision_heads == 0,
            "clip: vision_width does not split into heads; got {} and {}; expected a multiple",
            config.vision_width, config.vision_heads);
}

ImageEncoder::ImageEncoder(const ModelBuilder& b, const ImageEncoderConfig& config)
    : config_(config),
      patches_(b / "conv1", 3, config.vision_width,
               {.kernel = config.vision_patch, .stride = config.vision_patch, .bias = false}),
      norm_before_(b / "ln_pre", config.vision_width, config.layer_norm_eps),
      norm_after_(b / "ln_post", config.vision_width, config.layer_norm_eps) {
  check(config);
  const std::int64_t width = config.vision_width, side = config.image_size / config.vision_patch;
  const auto scale = InitialValues::normal(1 / std::sqrt(double(width)));
  class_embedding_ = b.parameter("class_embedding", {width}, scale);
  positional_embedding_ = b.parameter("positional_embedding", {1 + side * side, width}, scale);
  projection_ = b.parameter("proj", {width, config.embed}, scale);
  for (std::int64_t i = 0; i < config.vision_layers; ++i)
    blocks_.emplace_back(b / "transformer" / "resblocks" / i,
                         ClipBlock::Options{.width = width,
                                            .heads = config.vision_heads,
                                            .layers = config.vision_layers,
                                            .causal = false,
                                            .eps = config.layer_norm_eps});
}

Tensor ImageEncoder::operator()(const Tensor& image, const Pass& pass) const {
  ULS_CHECK(image.rank() == 4 && image.size(1) == config_.image_size && image.size(2) == config_.image_size &&
                image.size(3) == 3,
            "clip: not an image of the model's size; got {}; expected [B, {}, {}, 3]", describe(image),
            config_.image_size, config_.image_size);
  const std::int64_t batch = image.size(0), width = config_.vision_width;
  const Tensor patches = reshape(patches_(image), {batch, -1, width});
  const Tensor first = expand(reshape(class_embedding_, {1, 1, width}), {batch, 1, width});
  ResidualStream stream;
  stream.x = norm_before_(concat({first, patches}, 1) + positional_embedding_);
  for (const ClipBlock& block : blocks_) block(stream, pass);
  const Tensor token = reshape(slice(stream.finish(pass), 1, 0, 1), {batch, width});
  return matmul(norm_after_(token), projection_);
}

const FieldTable<ClipConfig>& clip_table() {
  static const FieldTable<ClipConfig> table = [] {
    FieldTable<ClipConfig> t("clip");
    t.section("text", &ClipConfig::text, text_encoder_table());
    t.section("image", &ClipConfig::image, image_encoder_table());
    return t;
  }();
  return table;
}

Clip::Clip(const ModelBuilder& b, const ClipConfig& config)
    : text_(b, config.text),
      image_(b / "visual", config.image),
      logit_scale_(b.parameter("logit_scale", {}, InitialValues::constant(std::log(1 / 0.07)))) {
  ULS_CHECK(config.text.text_embed == config.image.embed,
            "clip: the towers' embeddings differ in width; got {} and {}; expected equal ones",
            config.text.text_embed, config.image.embed);
}

Tensor Clip::similarity(const Tensor& image_embedding, const Tensor& text_embedding) const {
  return exp(logit_scale_) * matmul(unit_rows(image_embedding), unit_rows(text_embedding), false, true);
}

}  // namespace uls
