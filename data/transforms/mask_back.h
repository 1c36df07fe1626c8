// SPDX-License-Identifier: Apache-2.0
// From the network's map back to a mask of the original image, exactly as the reference does it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/transforms/fit.h"

namespace uls {

/// sigmoid(logit) > this is foreground, at the original image's size.
inline constexpr double kMaskThreshold = 0.35;

/// A map of [map_side, map_side] resized to [side, side], bilinear with the corners aligned.
std::vector<float> upsample_map(std::span<const float> map, std::int64_t map_side, std::int64_t side);

/// The probabilities of [fit.height, fit.width] from logits [map_side, map_side]: upsample_map to the input's
/// size, sigmoid, unfit_map. A letterbox's cubic warp may leave [0, 1].
std::vector<float> probability_map(std::span<const float> logits, std::int64_t map_side, const Fit& fit);

/// 1 where a probability is above the threshold, else 0.
std::vector<std::uint8_t> threshold_mask(std::span<const float> probabilities,
                                         float threshold = float(kMaskThreshold));

}  // namespace uls
