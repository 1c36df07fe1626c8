// SPDX-License-Identifier: Apache-2.0
// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a random number is a
// function of (key, counter), so any element of any tensor can be drawn alone, in any order, on any device.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "core/device/host_device.h"

namespace uls {

using PhiloxKey = std::array<std::uint32_t, 2>;
using PhiloxCounter = std::array<std::uint32_t, 4>;

ULS_HD inline PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t(0xD2511F53u) * counter[0],
                        b = std::uint64_t(0xCD9E8D57u) * counter[2];
    counter = {std::uint32_t(b >> 32) ^ counter[1] ^ key[0], std::uint32_t(b),
               std::uint32_t(a >> 32) ^ counter[3] ^ key[1], std::uint32_t(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// [0, 1) with 24 bits.
ULS_HD inline float uniform_float(std::uint32_t bits) { return float(bits >> 8) * 0x1p-24f; }

/// Two independent standard normals from two words (Box and Muller 1958).
ULS_HD inline void normal_pair(std::uint32_t a, std::uint32_t b, float& first, float& second) {
  const float radius = std::sqrt(-2.0f * std::log(1.0f - uniform_float(a)));
  const float angle = 6.283185307f * uniform_float(b);
  first = radius * std::cos(angle);
  second = radius * std::sin(angle);
}

}  // namespace uls
