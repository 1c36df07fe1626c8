// SPDX-License-Identifier: Apache-2.0
// CLIP's image tower, a Vision Transformer (Dosovitskiy et al. 2021), and the score of an image and a text.
// UniLSeg never runs them; the annotation engine does.
#pragma once

#include <vector>

#include "models/clip/text_encoder.h"
#include "models/layers/conv_layers.h"

namespace uls {

struct ImageEncoderConfig {
  std::int64_t vision_width = 768, vision_heads = 12, vision_layers = 12, vision_patch = 16;
  std::int64_t image_size = 224, embed = 512;
  double layer_norm_eps = 1e-5;  // no key of its own
};
const FieldTable<ImageEncoderConfig>& image_encoder_table();
/// Raises Error where the sizes contradict each other.
void check(const ImageEncoderConfig& config);

class ImageEncoder {
 public:
  ImageEncoder(const ModelBuilder& b, const ImageEncoderConfig& config);

  /// image: [B, S, S, 3] of the config's size. Returns the projected class token, [B, embed].
  Tensor operator()(const Tensor& image, const Pass& pass) const;

 private:
  ImageEncoderConfig config_;
  Conv patches_;
  Tensor class_embedding_, positional_embedding_;  // [width], [1 + patches, width]
  LayerNorm norm_before_, norm_after_;
  std::vector<ClipBlock> blocks_;
  Tensor projection_;  // [width, embed]
};

struct ClipConfig {
  TextEncoderConfig text;
  ImageEncoderConfig image;
};
const FieldTable<ClipConfig>& clip_table();

class Clip {
 public:
  Clip(const ModelBuilder& b, const ClipConfig& config);

  const ImageEncoder& image() const { return image_; }
  const TextEncoder& text() const { return text_; }

  /// exp(logit_scale) times the cosine of each pair of embeddings: [images, texts].
  Tensor similarity(const Tensor& image_embedding, const Tensor& text_embedding) const;

 private:
  TextEncoder text_;
  ImageEncoder image_;
  Tensor logit_scale_;  // []
};

}  // namespace uls
