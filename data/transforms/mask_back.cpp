// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/mask_back.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"

namespace uls {
namespace {

struct Neighbours {
  std::int64_t first = 0, second = 0;
  float share = 0;  // of the second
};

std::vector<Neighbours> neighbours_of(std::int64_t from, std::int64_t to) {
  const float scale = to > 1 ? float(from - 1) / float(to - 1) : 0;
  std::vector<Neighbours> all(std::size_t(to), Neighbours{});
  for (std::int64_t i = 0; i < to; ++i) {
    // Rounded before the subtraction, which a compiler may otherwise fuse with the product.
    const auto at = float(double(scale) * double(i));
    const std::int64_t first = std::min(std::int64_t(at), from - 1);
    all[std::size_t(i)] = {first, std::min(first + 1, from - 1), at - float(first)};
  }
  return all;
}

// Fused as PyTorch's code for the CPU is: equal to it in every bit.
float mixed(float first, float second, float share) { return std::fma(1 - share, first, share * second); }

}  // namespace

std::vector<float> upsample_map(std::span<const float> map, std::int64_t map_side, std::int64_t side) {
  ULS_CHECK(map_side >= 1 && side >= 1 && std::int64_t(map.size()) == map_side * map_side,
            "upsample_map: another size; got {} values; expected {}x{} for a side of {}", map.size(),
            map_side, map_side, side);
  const std::vector<Neighbours> neighbours = neighbours_of(map_side, side);
  std::vector<float> result;
  result.reserve(std::size_t(side * side));
  for (const Neighbours& y : neighbours) {
    const float *upper = map.data() + y.first * map_side, *lower = map.data() + y.second * map_side;
    for (const Neighbours& x : neighbours) {
      const float above = mixed(upper[x.first], upper[x.second], x.share);
      const float below = mixed(lower[x.first], lower[x.second], x.share);
      result.push_back(mixed(above, below, y.share));
    }
  }
  return result;
}

std::vector<float> probability_map(std::span<const float> logits, std::int64_t map_side, const Fit& fit) {
  std::vector<float> map = upsample_map(logits, map_side, fit.side);
  for (float& value : map) value = 1 / (1 + std::exp(-value));
  return unfit_map(map, fit);
}

std::vector<std::uint8_t> threshold_mask(std::span<const float> probabilities, float threshold) {
  std::vector<std::uint8_t> mask(probabilities.size());
  std::ranges::transform(probabilities, mask.begin(), [&](float p) { return std::uint8_t(p > threshold); });
  return mask;
}

}  // namespace uls
