// SPDX-License-Identifier: Apache-2.0
// Scores of saliency maps, equal to PySODMetrics' (lartpang), which the field's tables are made with. A map
// is continuous, and never cut at a threshold first.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/json/json.h"

namespace uls {

/// One value for each of the thresholds 255, 254, ... 0 of the map in bytes.
using ThresholdCurve = std::array<double, 256>;

struct SaliencySample {
  double mae = 0;           // mean absolute error after the stretch (PySODMetrics)
  double mae_raw = 0;       // before it (VST's evaluator)
  double s_measure = 0;     // structure (Fan et al. 2017), alpha 0.5
  double weighted_f = 0;    // Margolin et al. 2014, beta^2 = 1
  double adaptive_f = 0;    // at twice the mean of the map (Achanta et al. 2009), beta^2 = 0.3
  double adaptive_e = 0;    // alignment (Fan et al. 2018)
  ThresholdCurve f{}, e{};  // F-measure with beta^2 = 0.3, and E-measure
};

/// Both [height, width] bytes; the truth is foreground above 128. The map is stretched to [0, 1] by its own
/// least and largest value unless it is constant. Raises Error for sizes that differ or are 0.
SaliencySample saliency_sample(std::span<const std::uint8_t> map, std::span<const std::uint8_t> truth,
                               std::int64_t height, std::int64_t width);

/// Means over the set; max and mean of F and E are those of the mean curve, not means over images.
struct SaliencyScores {
  std::int64_t images = 0;
  double mae = 0, mae_raw = 0, s_measure = 0, weighted_f = 0;
  double adaptive_f = 0, mean_f = 0, max_f = 0;
  double adaptive_e = 0, mean_e = 0, max_e = 0;
};

SaliencyScores saliency_scores(const std::vector<SaliencySample>& samples);

Json to_json(const SaliencyScores& scores);

}  // namespace uls
