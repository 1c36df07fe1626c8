// SPDX-License-Identifier: Apache-2.0
// The random numbers of one visit to one sample: a function of (seed, epoch, position in the epoch, sample)
// alone, so that threads, ranks and resuming change nothing.
#pragma once

#include <cstdint>

#include "core/random/philox.h"

namespace uls {

class SampleRandom {
 public:
  SampleRandom(std::uint64_t seed, std::uint64_t epoch, std::uint64_t position, std::uint64_t sample)
      : key_{std::uint32_t(seed), std::uint32_t(seed >> 32)},
        counter_{0, std::uint32_t(epoch), std::uint32_t(position), std::uint32_t(sample)} {}

  /// The next number of [0, 1), of 24 bits.
  double uniform() { return uniform_float(next()); }
  /// The next number of [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// The next whole number of [0, count); count is at most 2^32.
  std::int64_t below(std::int64_t count) {
    return std::int64_t(std::uint64_t(next()) * std::uint64_t(count) >> 32);
  }

 private:
  std::uint32_t next() {
    const std::uint32_t word = philox4x32(counter_, key_)[0];
    ++counter_[0];
    return word;
  }

  PhiloxKey key_;
  PhiloxCounter counter_;
};

}  // namespace uls
