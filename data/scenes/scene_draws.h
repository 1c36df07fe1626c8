// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/random/philox.h"

namespace uls {

/// The random numbers of one scene, in order; `stream` keeps splits, levels and clips apart.
class SceneDraws {
 public:
  SceneDraws(std::uint64_t seed, std::uint32_t stream, std::uint64_t index)
      : key_{std::uint32_t(seed), std::uint32_t(seed >> 32)},
        counter_{0, stream, std::uint32_t(index), std::uint32_t(index >> 32)} {}

  PhiloxCounter words() {
    const PhiloxCounter result = philox4x32(counter_, key_);
    ++counter_[0];
    return result;
  }
  /// [0, 1).
  double unit() { return double(words()[0]) * 0x1p-32; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  bool chance(double share) { return unit() < share; }
  /// 0 ... count - 1.
  int below(int count) { return int(unit() * count); }
  template <typename T>
  const T& pick(const std::vector<T>& items) {
    return items[std::size_t(below(int(items.size())))];
  }
  /// An index, by weight.
  int weighted(const std::vector<double>& weights) {
    double sum = 0;
    for (const double weight : weights) sum += weight;
    double left = unit() * sum;
    for (std::size_t i = 0; i + 1 < weights.size(); ++i)
      if ((left -= weights[i]) < 0) return int(i);
    return int(weights.size()) - 1;
  }

 private:
  PhiloxKey key_;
  PhiloxCounter counter_;
};

}  // namespace uls
