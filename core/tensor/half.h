// SPDX-License-Identifier: Apache-2.0
// bfloat16 and float16 as storage types: arithmetic is done in float32 and rounded once, to nearest even.
#pragma once

#include <bit>
#include <cstdint>

namespace uls {

struct bfloat16 {
  std::uint16_t bits = 0;

  bfloat16() = default;
  explicit bfloat16(float value) {
    const auto u = std::bit_cast<std::uint32_t>(value);
    const bool is_nan = (u & 0x7fffffffu) > 0x7f800000u;
    const auto rounded = std::uint16_t((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
    bits = is_nan ? std::uint16_t((u >> 16) | 0x40u) : rounded;
  }
  explicit operator float() const { return std::bit_cast<float>(std::uint32_t(bits) << 16); }
};

struct float16 {
  std::uint16_t bits = 0;

  float16() = default;
  explicit float16(float value) {
    const auto u = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (u >> 16) & 0x8000u, magnitude = u & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {
      bits = std::uint16_t(sign | 0x7e00u);
    } else if (magnitude >= 0x477ff000u) {  // rounds above 65504
      bits = std::uint16_t(sign | 0x7c00u);
    } else if (magnitude < 0x38800000u) {  // subnormal: the float adder does the rounding at bit 2^-24
      const float shifted = std::bit_cast<float>(magnitude) + std::bit_cast<float>(0x3f000000u);
      bits = std::uint16_t(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u));
    } else {
      const std::uint32_t odd = (magnitude >> 13) & 1u;
      bits = std::uint16_t(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
    }
  }
  explicit operator float() const {
    const std::uint32_t sign = std::uint32_t(bits & 0x8000u) << 16, magnitude = bits & 0x7fffu;
    if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13));
    if (magnitude >= 0x400u) return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000u));
    const float value = float(magnitude) * std::bit_cast<float>(0x33800000u);  // times 2^-24
    return sign ? -value : value;
  }
};

}  // namespace uls
