// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/fast_math.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>

namespace uls::kernels {
namespace {

// Calls fn(x) for floats spread over the whole line: every 997th bit pattern of both signs, without NaN.
template <typename Fn>
void for_many_floats(Fn fn) {
  for (std::uint32_t bits = 0; bits < 0x7f800000u; bits += 997)
    for (const std::uint32_t sign : {0u, 0x80000000u}) fn(std::bit_cast<float>(bits | sign));
}

constexpr float kInfinity = std::numeric_limits<float>::infinity(),
                kNan = std::numeric_limits<float>::quiet_NaN();

TEST_CASE("fast_exp: two units in the last place") {
  double largest = 0;
  for_many_floats([&](float x) {
    const double exact = std::exp(double(x));
    if (exact < 0x1p-126 || exact > double(std::numeric_limits<float>::max())) return;
    largest = std::max(largest, std::abs(double(fast_exp(x)) - exact) / exact);
  });
  CHECK(largest <= 0x1p-22);
  CHECK(fast_exp(0.0f) == 1);
  CHECK(fast_exp(-kInfinity) == 0);
  CHECK(fast_exp(kInfinity) == kInfinity);
  CHECK(fast_exp(88.8f) == kInfinity);
  CHECK(fast_exp(-200.0f) == 0);
  CHECK(fast_exp(-100.0f) == Approx(std::exp(-100.0)).epsilon(0.02));  // below the normal numbers
  CHECK(std::isnan(fast_exp(kNan)));
}

TEST_CASE("fast_exp_negative: two units in the last place") {
  double largest = 0;
  for_many_floats([&](float x) {
    const double exact = std::exp(double(x));
    if (x > 0 || exact < 0x1p-126) return;
    largest = std::max(largest, std::abs(double(fast_exp_negative(x)) - exact) / exact);
  });
  CHECK(largest <= 0x1p-22);
  CHECK(fast_exp_negative(-0.0f) == 1);
  CHECK(fast_exp_negative(-kInfinity) == 0);
  CHECK(fast_exp_negative(-88.0f) == 0);
  CHECK(std::isnan(fast_exp_negative(kNan)));
}

TEST_CASE("fast_log: two units in the last place") {
  double largest = 0;
  for_many_floats([&](float x) {
    if (!(x > 0) || x == kInfinity) return;
    const double exact = std::log(double(x));
    if (x != 1) largest = std::max(largest, std::abs(double(fast_log(x)) - exact) / std::abs(exact));
  });
  CHECK(largest <= 0x1p-22);
  CHECK(fast_log(1.0f) == 0);
  CHECK(fast_log(0.0f) == -kInfinity);
  CHECK(fast_log(-0.0f) == -kInfinity);
  CHECK(fast_log(kInfinity) == kInfinity);
  CHECK(std::isnan(fast_log(-1.0f)));
  CHECK(std::isnan(fast_log(kNan)));
}

TEST_CASE("normal_parts: 2^-20 of max(Phi, 2^-20)") {
  double largest = 0;
  for_many_floats([&](float x) {
    const auto [below, bell] = normal_parts(double(x));
    const auto [fast_below, fast_bell] = normal_parts(x);
    largest = std::max(largest, std::abs(double(fast_below) - below) / std::max(below, 0x1p-20));
    largest = std::max(largest, std::abs(double(fast_bell) - bell) / std::max(bell, 0x1p-20));
  });
  CHECK(largest <= 0x1p-20);
  CHECK(normal_parts(kInfinity).below == 1);
  CHECK(normal_parts(-kInfinity).below == 0);
  CHECK(std::isnan(normal_parts(kNan).below));
}

TEST_CASE("fast_tanh: 2^-21 relative") {
  double largest = 0;
  for_many_floats([&](float x) {
    const double exact = std::tanh(double(x));
    if (std::abs(exact) >= 0x1p-126)
      largest = std::max(largest, std::abs(double(fast_tanh(x)) - exact) / std::abs(exact));
  });
  CHECK(largest <= 0x1p-21);
  CHECK(fast_tanh(kInfinity) == 1);
  CHECK(fast_tanh(-kInfinity) == -1);
  CHECK(std::isnan(fast_tanh(kNan)));
}

}  // namespace
}  // namespace uls::kernels
