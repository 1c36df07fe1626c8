// SPDX-License-Identifier: Apache-2.0
// Masks shown on their picture.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "data/format/image.h"

namespace uls {

/// The colour of label 1, 2, ...: eight that differ also for colour-blind eyes (Okabe, Ito 2008), in turns.
std::array<std::uint8_t, 3> label_colour(std::uint16_t label);

/// The picture with the pixels of each label half its colour, and the label's border all of it; label 0 stays
/// as it is. `labels`: [height, width]. Raises Error for another size and for pictures that are not RGB.
Image overlaid(const Image& image, std::span<const std::uint16_t> labels);

}  // namespace uls
