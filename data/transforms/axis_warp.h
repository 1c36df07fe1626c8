// SPDX-License-Identifier: Apache-2.0
// OpenCV's warpAffine for matrices without rotation, bit for bit and several times as fast: coordinates in
// 1/32 pixel and weights of 15 bits as in its remap tables (imgwarp.cpp), but each row's and each column's
// computed once. The matrices here are the inverse ones: from the output to the source.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "data/format/image.h"
#include "data/transforms/fit.h"

namespace uls {

/// An RGB image warped with cubic interpolation (A = -0.75) into [side, side, 3].
Image warp_cubic(const Image& image, const Affine& inverse, std::int64_t side,
                 const std::array<std::uint8_t, 3>& border);

/// How a mask is warped: OpenCV's INTER_LINEAR (soft edges) or INTER_NEAREST (0 and 255 alone).
enum class MaskWarp : std::uint8_t { linear, nearest };

/// A mask of [height, width], whose nonzero pixels count as 255 and whose surroundings as 0, warped to
/// [side, side] bytes, of which every `step`-th row and column is computed: [ceil(side / step)] squared.
std::vector<std::uint8_t> warp_mask(std::span<const std::uint8_t> mask, std::int64_t height,
                                    std::int64_t width, const Affine& inverse, std::int64_t side,
                                    MaskWarp how, std::int64_t step = 1);

}  // namespace uls
