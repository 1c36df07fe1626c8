// SPDX-License-Identifier: Apache-2.0
// A mask as the target of the network's map, whose cells are 4 input pixels wide.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "data/transforms/fit.h"

namespace uls {

inline constexpr std::int64_t kGridStride = 4;

/// nearest: as CRIS has it, the first input pixel of a cell; that pixel is a bilinear warp of the mask for a
/// letterbox, and the mask's own pixel for a squashed image.
/// area: the share of foreground around the point where upsample_map() (mask_back.h) puts the cell's value,
/// halfway to its neighbours. Plain 4 by 4 blocks have their centres up to 1.5 pixels beside those points.
enum class TargetKind : std::uint8_t { nearest, area };

/// "nearest" or "area"; another word raises Error.
TargetKind parse_target(std::string_view word);

/// `mask`: [height, width] of the image, nonzero is foreground. `to`: [side / 4, side / 4] in [0, 1].
/// Raises Error where the side is no multiple of 4.
void grid_target(std::span<const std::uint8_t> mask, const Fit& fit, TargetKind kind, std::span<float> to);

/// The same where some pixels are to be left out: `ignored`, [height, width] of the image, nonzero is left
/// out. `weight`, [side / 4, side / 4], gets the share of each cell that counts, and `target`, which
/// grid_target() made of a mask without the ignored pixels, becomes the share of foreground in what counts
/// (0 where nothing does). What lies outside a letterboxed image counts, as background.
void ignore_in_target(std::span<const std::uint8_t> ignored, const Fit& fit, TargetKind kind,
                      std::span<float> target, std::span<float> weight);

}  // namespace uls
