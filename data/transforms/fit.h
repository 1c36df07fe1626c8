// SPDX-License-Identifier: Apache-2.0
// Where an image lies in the network's square input: letterboxed, exactly as the reference does it
// (shared/spec/model.md, section 8), or squashed to the square.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "data/format/image.h"

namespace uls {

enum class FitKind : std::uint8_t { letterbox, squash };

/// "letterbox" or "squash"; another word raises Error.
FitKind parse_fit(std::string_view word);

/// x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5], in pixels.
using Affine = std::array<double, 6>;

struct Fit {
  FitKind kind = FitKind::letterbox;
  std::int64_t height = 0, width = 0;  // of the image
  std::int64_t side = 0;               // of the input
};

/// From image to input: solved from three points of float32, as the reference solves it.
Affine letterbox_matrix(const Fit& fit);
/// From input to image: solved from the same points swapped, which is no exact inverse of the other.
Affine letterbox_inverse(const Fit& fit);
/// The matrix that OpenCV's warpAffine walks by when it is given `matrix`.
Affine inverted(const Affine& matrix);

/// The image as the network's input before normalisation: [side, side, 3] bytes of RGB. A letterbox is a
/// cubic warp with a border of CLIP's mean colour; squashing averages areas where the image shrinks, is
/// bilinear elsewhere, and a copy where the size is right already. Raises Error unless `image` is RGB of the
/// fit's size, and for sides of 32767 or more.
Image fit_image(const Image& image, const Fit& fit);

/// A map over the input, [side, side], as one over the image, [height, width]: cubic (which may leave the
/// range of the values) with 0 beyond the input for a letterbox, bilinear for a squashed image.
std::vector<float> unfit_map(const std::vector<float>& map, const Fit& fit);

}  // namespace uls
