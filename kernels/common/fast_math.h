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

/// e^x for x <= 0 within 2 units in the last place: less work than fast_exp. Results below 2^-126 may be 0.
ULS_HD inline float fast_exp_negative(float x) {
#ifdef __CUDA_ARCH__
  return expf(x);
#else
  // As fast_exp, with a polynomial of degree 6 that is nearest in Chebyshev's sense (largest error 2^-29, our
  // own fit). The low bits of `shifted` hold n + 127, the biased exponent of the factor 2^n, which is 0 at
  // the bound: there the exponent of 0 itself comes out.
  constexpr float kShift = 0x1.8p23f + 127.0f;
  x = x < -88.0f ? -88.0f : x;
  const float shifted = x * 1.44269504f + kShift, n = shifted - kShift;
  const float r = (x - n * 0x1.62e4p-1f) - n * 1.42860682e-6f;
  float p = 0.00138368458f;
  p = p * r + 0.00837481581f;
  p = p * r + 0.0416682251f;
  p = p * r + 0.166664198f;
  p = p * r + 0.499999911f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return p * std::bit_cast<float>(std::bit_cast<std::uint32_t>(shifted) << 23);
#endif
}
ULS_HD inline double fast_exp_negative(double x) { return std::exp(x); }

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
/// Always inline: GCC's budget for a file leaves it out of loops, which then are not vectorized.
[[gnu::always_inline]] ULS_HD inline NormalParts<float> normal_parts(float x) {
#ifdef __CUDA_ARCH__
  return {0.5f * erfcf(-0.707106781f * x), expf(-0.5f * x * x)};
#else
  // Phi(-y) = exp(-y^2 / 2) P(y) for y >= 0. P, of degree 14 in t = y / 3.5 - 1, is nearest in Chebyshev's
  // sense when errors are weighed as promised above (largest 2^-23.4, our own fit); its even and its odd
  // powers are summed side by side, because one chain would be longer than what a processor looks ahead.
  // Beyond y = 13.5 both parts are 0.
  const float y = std::abs(x) > 13.5f ? 13.5f : std::abs(x);
  const float bell = fast_exp_negative(-0.5f * y * y);
  const float t = y * (1.0f / 3.5f) - 1.0f, s = t * t;
  float even = 0.00894880295f, odd = 0.00753550371f;
  even = even * s - 0.00714976066f;
  odd = odd * s - 0.0166969392f;
  even = even * s + 0.00740229478f;
  odd = odd * s - 0.000437294802f;
  even = even * s + 0.0122646037f;
  odd = odd * s - 0.0195206963f;
  even = even * s + 0.0252628066f;
  odd = odd * s - 0.0353498906f;
  even = even * s + 0.0480665006f;
  odd = odd * s - 0.0625725836f;
  even = even * s + 0.0782479793f;
  odd = odd * s - 0.0935696736f;
  even = even * s + 0.106345154f;
  const float tail = bell * (odd * t + even);
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
