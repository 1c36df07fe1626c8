// SPDX-License-Identifier: Apache-2.0
// exp, log, tanh and the normal distribution in float32 without branches or calls, so that the CPU's loops
// over them are vectorised; on a GPU, and in float64, the standard functions.
// tests/kernels/fast_math_test.cpp holds them against float64.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/device/host_device.h"

namespace uls::kernels {

/// e^x within 2 units in the last place; infinities and NaN as std::exp. Results below 2^-126 lose digits.
ULS_HD inline float fast_exp(float x) {
#ifdef __CUDA_ARCH__
  return expf(x);
#else
  // x = n ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to the integer n and leaves it in the low
  // bits.
  constexpr float kShift = 0x1.8p23f;
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  const float shifted = x * 1.44269504f + kShift, n = shifted - kShift;
  const float r = (x - n * 0x1.62e4p-1f) - n * 1.42860682e-6f;  // ln 2 in two parts
  float p = 1.0f / 5040;                                        // Taylor: |r|^8 / 8! < 2^-27
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  // 2^n in two factors, either of which is a normal number.
  const std::int32_t exponent = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(kShift);
  const std::int32_t half = exponent >> 1;
  const float first = std::bit_cast<float>((half + 127) << 23),
              second = std::bit_cast<float>((exponent - half + 127) << 23);
  return p * first * second;
#endif
}
ULS_HD inline double fast_exp(double x) { return std::exp(x); }

/// The natural logarithm within 2 units in the last place; 0, negative numbers, infinity and NaN as std::log.
ULS_HD inline float fast_log(float x) {
#ifdef __CUDA_ARCH__
  return logf(x);
#else
  // x = 2^n m with m in [sqrt(1/2), sqrt(2)), log m = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.172.
  const bool is_small = x < 0x1p-126f;
  const float scaled = is_small ? x * 0x1p23f : x;
  // Unsigned: negative arguments wrap around here and are set right below. 0x3f3504f3 is sqrt(1/2).
  const auto bits = std::int32_t(std::bit_cast<std::uint32_t>(scaled) - 0x3f3504f3u);
  const float n = float(bits >> 23) - (is_small ? 23.0f : 0.0f);
  const float m = std::bit_cast<float>((bits & 0x7fffff) + 0x3f3504f3);
  const float s = (m - 1.0f) / (m + 1.0f), q = s * s;
  const float series =
      s * q * (2.0f / 3 + q * (2.0f / 5 + q * (2.0f / 7 + q * (2.0f / 9 + q * (2.0f / 11)))));
  const float value = n * 0x1.62e4p-1f + (2.0f * s + (series + n * 1.42860682e-6f));
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float edge = x == 0.0f ? -kInfinity : (x < 0.0f ? std::numeric_limits<float>::quiet_NaN() : x);
  return x > 0.0f && x < kInfinity ? value : edge;
#endif
}
ULS_HD inline double fast_log(double x) { return std::log(x); }

/// Of the standard normal distribution at x: what lies below, and the density without its constant factor.
template <typename A>
struct NormalParts {
  A below;  // Phi(x) = erfc(-x / sqrt(2)) / 2, which keeps its digits for x << 0
  A bell;   // exp(-x^2 / 2)
};

/// Phi within 2^-20 of max(Phi, 2^-20).
ULS_HD inline NormalParts<float> normal_parts(float x) {
  const float bell = fast_exp(-0.5f * x * x);
#ifdef __CUDA_ARCH__
  return {0.5f * erfcf(-0.707106781f * x), bell};
#else
  // erfc(z) = exp(-z^2) P(t) / (1 + 2 z) for z >= 0, with t = (z - 2.5) / (z + 2.5) in [-1, 1); P is the
  // polynomial of degree 9 that is nearest to the quotient on [0, 12] in Chebyshev's sense (largest
  // error 3.2e-8, our own fit).
  const float far = 0.707106781f * std::abs(x), z = far < 12.0f ? far : 12.0f;
  const float inverse = 1.0f / ((z + 2.5f) * (1.0f + 2.0f * z));
  const float t = (z - 2.5f) * (1.0f + 2.0f * z) * inverse;
  float p = 0.000479424934474f;
  p = p * t + 0.000371966947864f;
  p = p * t - 0.00429023209743f;
  p = p * t + 0.00099204116802f;
  p = p * t + 0.0327330342456f;
  p = p * t - 0.102979417211f;
  p = p * t + 0.157633820826f;
  p = p * t - 0.099023682163f;
  p = p * t - 0.122356930941f;
  p = p * t + 1.26483817592f;
  const float tail = 0.5f * bell * p * (z + 2.5f) * inverse;
  return {x > 0.0f ? 1.0f - tail : tail, bell};
#endif
}
ULS_HD inline NormalParts<double> normal_parts(double x) {
  return {0.5 * std::erfc(-0.70710678118654752440 * x), std::exp(-0.5 * x * x)};
}

/// tanh(x) within 2^-21 relative.
ULS_HD inline float fast_tanh(float x) {
#ifdef __CUDA_ARCH__
  return tanhf(x);
#else
  // Near 0 the odd Taylor series, whose digits 1 - 2 / (e^2x + 1) would lose.
  const float s = x * x;
  const float series =
      x * (1.0f + s * (-1.0f / 3 +
                       s * (2.0f / 15 + s * (-17.0f / 315 + s * (62.0f / 2835 - s * (1382.0f / 155925))))));
  const float far = 1.0f - 2.0f / (fast_exp(2.0f * x) + 1.0f);
  return std::abs(x) < 0.35f ? series : far;
#endif
}
ULS_HD inline double fast_tanh(double x) { return std::tanh(x); }

}  // namespace uls::kernels
