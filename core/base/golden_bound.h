// SPDX-License-Identifier: Apache-2.0
// How far a result may lie from a golden one, by what the reference's author measured.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace uls {

struct GoldenBound {
  double measured;  // 8 times the difference of float32 from float64, and 4 ulp of the scale
  double floor;     // an ulp of the scale times the root of the summed terms: where one sample was lucky

  double allowed() const { return std::max(measured, floor); }
};

/// `reduction`: the number of terms that are summed for one element.
inline GoldenBound golden_bound(double noise, double scale, std::int64_t reduction = 1) {
  constexpr double kUlp = 0x1p-23;
  return {8 * noise + 4 * kUlp * scale, kUlp * scale * std::sqrt(double(reduction))};
}

}  // namespace uls
