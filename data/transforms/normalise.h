// SPDX-License-Identifier: Apache-2.0
// CLIP's normalisation of RGB bytes.
#pragma once

#include <array>
#include <cstdint>

namespace uls {

inline constexpr std::array<float, 3> kClipMean{0.48145466f, 0.4578275f, 0.40821073f};
inline constexpr std::array<float, 3> kClipStd{0.26862954f, 0.26130258f, 0.27577711f};
/// The mean as bytes: what surrounds a letterboxed image.
inline constexpr std::array<std::uint8_t, 3> kBorderBytes{123, 117, 104};

/// to = (rgb / 255 - mean) / std within 5e-7, as a multiplication and an addition; [pixels, 3].
void normalise(const std::uint8_t* rgb, std::int64_t pixels, float* to);

}  // namespace uls
