// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/device/host_device.h"

namespace uls::kernels {

/// Where a pixel of the result comes from, along one side: (1 - weight) x[first] + weight x[second].
template <typename A>
struct Tap {
  std::int64_t first, second;
  A weight;

  /// The share of x[at], one of the two.
  ULS_HD A share(std::int64_t at) const { return at == first ? A(1) - weight : weight; }
};

/// The tap of pixel `index` of `out`, on a side of `in` pixels.
template <typename A>
ULS_HD Tap<A> tap_of(std::int64_t index, std::int64_t in, std::int64_t out, bool align_corners) {
  A at = 0;
  if (!align_corners)
    at = A(in) / A(out) * (A(index) + A(0.5)) - A(0.5);
  else if (out > 1)
    at = A(in - 1) / A(out - 1) * A(index);
  if (at <= 0) return {0, 0, A(0)};
  const auto first = static_cast<std::int64_t>(at);
  if (first + 1 >= in) return {in - 1, in - 1, A(0)};
  return {first, first + 1, at - A(first)};
}

}  // namespace uls::kernels
