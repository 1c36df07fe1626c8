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

/// The rounds on a counter, in place. A word is a 64-bit integer or, for many counters at once, a vector of
/// such; the low 32 bits count, of what comes in and of what comes out.
template <typename Word>
ULS_HD void philox_rounds(Word (&words)[4], PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    const Word a = (words[0] & 0xFFFFFFFFu) * 0xD2511F53u, b = (words[2] & 0xFFFFFFFFu) * 0xCD9E8D57u;
    words[0] = (b >> 32) ^ words[1] ^ key[0];
    words[1] = b;
    words[2] = (a >> 32) ^ words[3] ^ key[1];
    words[3] = a;
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
}

ULS_HD inline PhiloxCounter philox4x32(const PhiloxCounter& counter, const PhiloxKey& key) {
  std::uint64_t words[4] = {counter[0], counter[1], counter[2], counter[3]};
  philox_rounds(words, key);
  return {std::uint32_t(words[0]), std::uint32_t(words[1]), std::uint32_t(words[2]), std::uint32_t(words[3])};
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
