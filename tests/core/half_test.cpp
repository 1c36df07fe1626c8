// SPDX-License-Identifier: Apache-2.0
// bfloat16 and float16 against a rounding in double that knows nothing of bits; element types.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "core/tensor/dtype.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::error_of;

struct Format {
  int mantissa_bits, least_exponent;  // of the smallest normal number
  double largest;
};
constexpr Format kFloat16{10, -14, 65504};
constexpr Format kBfloat16{7, -126, 0x1.FEp127};

// The nearest number of the format, ties to even.
double rounded(double x, const Format& format) {
  if (x == 0 || !std::isfinite(x)) return x;
  const int exponent = std::max(std::ilogb(x), format.least_exponent);
  const double unit = std::ldexp(1.0, exponent - format.mantissa_bits);
  const double y = std::nearbyint(x / unit) * unit;  // exact apart from the one rounding
  return std::abs(y) > format.largest ? std::copysign(std::numeric_limits<double>::infinity(), x) : y;
}

template <typename Half>
bool rounds_right(float x, const Format& format) {
  const float y = float(Half(x));
  const double expected = rounded(double(x), format);
  return double(y) == expected && std::signbit(y) == std::signbit(x);
}

// The value of a bit pattern from the definition of the format.
double value_of(unsigned bits, const Format& format) {
  const int mantissa = int(bits & ((1u << format.mantissa_bits) - 1));
  const int exponent = int((bits & 0x7fffu) >> format.mantissa_bits);
  const double magnitude = exponent == 0
                               ? std::ldexp(mantissa, format.least_exponent - format.mantissa_bits)
                               : std::ldexp(mantissa + (1 << format.mantissa_bits),
                                            exponent - 1 + format.least_exponent - format.mantissa_bits);
  return bits & 0x8000u ? -magnitude : magnitude;
}

template <typename Half>
void check_all_patterns(const Format& format) {
  const unsigned infinity = ((1u << (15 - format.mantissa_bits)) - 1) << format.mantissa_bits;
  int wrong_values = 0, wrong_trips = 0, nans = 0;
  for (unsigned bits = 0; bits < 65536; ++bits) {
    Half half;
    half.bits = std::uint16_t(bits);
    const float value = float(half);
    const Half back(value);
    const unsigned magnitude = bits & 0x7fffu;
    if (magnitude > infinity) {
      nans += std::isnan(value) && std::isnan(float(back)) && std::signbit(value) == (bits >= 0x8000u);
      continue;
    }
    wrong_trips += back.bits != bits;
    if (magnitude == infinity)
      wrong_values += !(std::isinf(value) && std::signbit(value) == (bits >= 0x8000u));
    else
      wrong_values += double(value) != value_of(bits, format) || std::signbit(value) != (bits >= 0x8000u);
  }
  CHECK(wrong_values == 0);
  CHECK(wrong_trips == 0);
  CHECK(nans == 2 * ((1 << format.mantissa_bits) - 1));
}

TEST_CASE("half: all bit patterns to float and back", "[half]") {
  check_all_patterns<float16>(kFloat16);
  check_all_patterns<bfloat16>(kBfloat16);
}

template <typename Half>
void check_rounding(const Format& format) {
  int wrong = 0;
  float example = 0;
  const auto check = [&](float x) {
    for (const float value : {x, -x})
      if (!rounds_right<Half>(value, format)) ++wrong, example = value;
  };
  std::mt19937 bits(7);
  for (int i = 0; i < 1000000; ++i)
    if (const float x = std::bit_cast<float>(std::uint32_t(bits())); !std::isnan(x)) check(x);
  // Random bits rarely fall into the narrow range of float16.
  std::uniform_real_distribution<float> exponent(-26, 17);
  for (int i = 0; i < 300000; ++i) check(std::exp2(exponent(bits)));
  // Every number of the format, the middle to its successor, and their neighbours.
  for (unsigned pattern = 0; pattern < 0x8000u; ++pattern) {
    const double a = value_of(pattern, format), b = value_of(pattern + 1, format);
    if (b > format.largest * 2) break;
    for (const float x : {float(a), float((a + b) / 2)})
      if (std::isfinite(x)) check(x), check(std::nextafter(x, 0.0f)), check(std::nextafter(x, 1e38f));
  }
  check(std::numeric_limits<float>::infinity());
  check(std::numeric_limits<float>::max());
  check(std::numeric_limits<float>::denorm_min());
  INFO("for example " << example);
  CHECK(wrong == 0);
}

TEST_CASE("half: rounding to nearest even", "[half]") {
  check_rounding<float16>(kFloat16);
  check_rounding<bfloat16>(kBfloat16);
  CHECK(float16(1.0f).bits == 0x3c00);
  CHECK(float16(65504.0f).bits == 0x7bff);
  CHECK(float16(65519.99f).bits == 0x7bff);
  CHECK(float16(65520.0f).bits == 0x7c00);
  CHECK(float16(0x1p-24f).bits == 1);
  CHECK(float16(0x1p-25f).bits == 0);  // half of the least: to even
  CHECK(float16(0x1.8p-24f).bits == 2);
  CHECK(float16(-0.0f).bits == 0x8000);
  CHECK(bfloat16(1.00390625f).bits == 0x3f80);  // 1 + 2^-8, a tie
  CHECK(bfloat16(1.01171875f).bits == 0x3f82);  // 1 + 3 2^-8, a tie
  CHECK(bfloat16(std::numeric_limits<float>::max()).bits == 0x7f80);
}

TEST_CASE("half: a NaN stays one whatever its bits", "[half]") {
  for (const std::uint32_t bits : {0x7f800001u, 0x7fffffffu, 0xff800001u, 0xffffffffu, 0x7fc00000u}) {
    const float nan = std::bit_cast<float>(bits);
    CHECK(std::isnan(float(bfloat16(nan))));
    CHECK(std::isnan(float(float16(nan))));
  }
}

TEST_CASE("dtype: names, sizes and dispatch", "[half]") {
  struct Row {
    DType type;
    const char* name;
    std::int64_t size;
    bool floating;
  };
  const Row rows[] = {{DType::float32, "float32", 4, true},   {DType::float64, "float64", 8, true},
                      {DType::bfloat16, "bfloat16", 2, true}, {DType::float16, "float16", 2, true},
                      {DType::int64, "int64", 8, false},      {DType::int32, "int32", 4, false},
                      {DType::int16, "int16", 2, false},      {DType::int8, "int8", 1, false},
                      {DType::uint8, "uint8", 1, false},      {DType::boolean, "bool", 1, false}};
  CHECK(std::size(rows) == kDTypes);
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(to_string(row.type) == std::string(row.name));
    CHECK(size_of(row.type) == row.size);
    CHECK(is_floating(row.type) == row.floating);
    dispatch_all(row.type, [&](auto tag) { CHECK(kDTypeOf<typename decltype(tag)::type> == row.type); });
    const std::string error = error_of([&] {
      dispatch_floating("gelu", row.type,
                        [&](auto tag) { CHECK(kDTypeOf<typename decltype(tag)::type> == row.type); });
    });
    CHECK(error ==
          (row.floating
               ? ""
               : fmt::format(
                     "gelu: not a floating type; got {}; expected float32, float64, bfloat16 or float16",
                     row.name)));
  }
}

}  // namespace
}  // namespace uls
