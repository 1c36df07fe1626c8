// SPDX-License-Identifier: Apache-2.0
// Random changes of a picture that leave its text true: what could make it false is not drawn
// (text_words.h), and mirroring swaps left and right in the text.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/format/image.h"
#include "data/format/sample.h"
#include "data/transforms/sample_random.h"

namespace uls {

/// How far changes may go; 0 (1 for the crop): never.
struct AugmentRanges {
  double crop = 1;  // the least share of a side that stays
  double flip = 0;  // probability
  double brightness = 0, contrast = 0, colour = 0;
};

struct Augmentation {
  std::int64_t top = 0, left = 0, height = 0, width = 0;  // what stays of the picture, in its pixels
  bool flip = false;
  double brightness = 1, contrast = 1;    // factors; contrast about the mean brightness
  std::array<double, 3> colour{1, 1, 1};  // of red, green and blue
};

/// Draws the changes for one target. The crop keeps all of a fine target's mask and at least a pixel of a
/// coarse one's; texts with words for places are not cropped; texts with colours keep all of their light.
/// Always the same number of draws.
Augmentation draw_augmentation(const AugmentRanges& ranges, std::span<const std::uint8_t> mask,
                               std::int64_t height, std::int64_t width, Granularity granularity,
                               const std::string& text, SampleRandom& random);

Image augmented(const Image& image, const Augmentation& change);
/// The mask's own values, cut out and mirrored: [change.height, change.width].
std::vector<std::uint8_t> augmented_mask(std::span<const std::uint8_t> mask, std::int64_t width,
                                         const Augmentation& change);
std::string augmented_text(const std::string& text, const Augmentation& change);

}  // namespace uls
