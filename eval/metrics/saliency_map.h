// SPDX-License-Identifier: Apache-2.0
// A saliency map beside its truth, as all measures take them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace uls {

struct SaliencyPair {
  std::int64_t height = 0, width = 0;
  std::vector<double> map{};          // [height, width], in [0, 1]
  std::vector<std::uint8_t> truth{};  // 0 or 1
  std::int64_t foreground = 0;        // pixels of the truth

  std::int64_t pixels() const { return height * width; }
};

/// The least normal step from 1, which keeps denominators from 0, as in the original programs.
inline constexpr double kSaliencyEps = 0x1p-52;

/// Structure measure (Fan et al. 2017), alpha 0.5.
double structure_measure(const SaliencyPair& pair);

/// Weighted F-measure (Margolin et al. 2014), beta^2 = 1.
double weighted_f_measure(const SaliencyPair& pair);

}  // namespace uls
