// SPDX-License-Identifier: Apache-2.0
// An image, a mask and a sentence as what the network trains on.
//
//   Transform transform({.preset = "cris", .size = 480});
//   std::string text = "the cat on the left";
//   transform.apply(image, mask, Granularity::fine, text, random, pixels, target);
//
// Presets: cris    letterbox, nearest target, nothing random, as CRIS trains and the reference predicts
//          plain   squashed (a copy where the size is right), area target, nothing random: small square
//          scenes augment as plain, with random crops, mirroring and light (augment.h)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/config/field.h"
#include "data/transforms/augment.h"
#include "data/transforms/fit.h"
#include "data/transforms/grid_target.h"

namespace uls {

struct TransformConfig {
  std::string preset = "cris";
  std::int64_t size = 480;
  std::string fit = "preset", target = "preset";
  // Of the preset augment alone.
  double crop = 0.6, flip = 0.5, brightness = 0.25, contrast = 0.25, colour = 0.25;
};

const FieldTable<TransformConfig>& transform_table();

/// Pixels that training leaves out: [height, width], nonzero where they are; and room for the weights of the
/// target's cells (ignore_in_target). No mask: there are none, and the room is left alone.
struct IgnoredPixels {
  std::span<const std::uint8_t> mask{};
  std::span<float> weight{};
};

/// Any thread may use it.
class Transform {
 public:
  /// Raises Error for unknown words and for a size that is no multiple of 4.
  explicit Transform(const TransformConfig& config);

  std::int64_t side() const { return side_; }                 ///< of the input, in pixels
  std::int64_t cells() const { return side_ / kGridStride; }  ///< of a side of the target
  bool is_random() const { return random_; }

  /// Where an image of this size lies in the input, without augmentation: for the way back (mask_back.h).
  Fit fit(std::int64_t height, std::int64_t width) const { return {fit_, height, width, side_}; }

  /// `image` is RGB, `mask` [height, width] with nonzero foreground, none of it ignored. `pixels` gets
  /// [side, side, 3], normalised, `target` [cells, cells] in [0, 1], and `text` is changed where the picture
  /// was mirrored. Returns the changes: the whole picture where nothing is random.
  Augmentation apply(const Image& image, std::span<const std::uint8_t> mask, Granularity granularity,
                     std::string& text, SampleRandom& random, std::span<float> pixels,
                     std::span<float> target, const IgnoredPixels& ignored = {}) const;

  /// The image alone, for prediction: [side, side, 3], normalised; nothing is random.
  void apply(const Image& image, std::span<float> pixels) const;
  /// The mask alone, for the loss of a prediction: [height, width] to [cells, cells]; nothing is random.
  void apply(std::span<const std::uint8_t> mask, std::int64_t height, std::int64_t width,
             std::span<float> target, const IgnoredPixels& ignored = {}) const {
    write_target(mask, fit(height, width), target, ignored);
  }

 private:
  void write_target(std::span<const std::uint8_t> mask, const Fit& where, std::span<float> target,
                    const IgnoredPixels& ignored) const;
  void write_pixels(const Image& image, std::span<float> pixels) const;

  std::int64_t side_;
  FitKind fit_;
  TargetKind target_;
  bool random_;
  AugmentRanges ranges_;
};

}  // namespace uls
