// SPDX-License-Identifier: Apache-2.0
// The five kernels of the engine: every type, any strides, versions.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "core/base/parallel.h"
#include "core/tensor/primitives.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::error_of;
using test::same_bits;

constexpr DType kTypes[] = {DType::float32, DType::float64, DType::bfloat16, DType::float16, DType::int64,
                            DType::int32,   DType::int16,   DType::int8,     DType::uint8,   DType::boolean};

// What `value` becomes in `type`; for values that integers hold apart from their fraction.
double stored(double value, DType type) {
  switch (type) {
    case DType::float64:
      return value;
    case DType::float32:
      return float(value);
    case DType::bfloat16:
      return float(bfloat16(float(value)));
    case DType::float16:
      return float(float16(float(value)));
    case DType::boolean:
      return value != 0;
    default:
      return std::trunc(value);
  }
}

TEST_CASE("in place: fill_ and copy_ between all types", "[in_place]") {
  const std::vector<double> values{0, 1, 2.75, 100.3, 0.4, 127};
  for (const DType from : kTypes) {
    Tensor x = empty({2, 3}, from);
    for (std::size_t i = 0; i < values.size(); ++i) {
      Tensor one = x.reshaped({6}).sliced(0, std::int64_t(i), std::int64_t(i) + 1);
      fill_(one, values[i]);
    }
    const auto held = to_doubles(x);
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(held[i] == stored(values[i], from));
    for (const DType to : kTypes) {
      INFO(to_string(from) << " to " << to_string(to));
      Tensor y = empty({3, 2}, to).transposed(0, 1);
      copy_(y, x);
      const auto copied = to_doubles(y);
      for (std::size_t i = 0; i < held.size(); ++i) REQUIRE(copied[i] == stored(held[i], to));
      CHECK(same_bits(converted(x, to), y));
    }
    CHECK(same_bits(clone(x), x));
    CHECK(converted(x, from).raw_data() == x.raw_data());
  }
  CHECK(to_doubles(full({2}, -3.7, DType::int32)) == std::vector<double>{-3, -3});
  CHECK(to_doubles(full({1}, -128, DType::int8)) == std::vector<double>{-128});
  CHECK(to_doubles(full({1}, -32768, DType::int16)) == std::vector<double>{-32768});
  CHECK(to_doubles(full({1}, 255, DType::uint8)) == std::vector<double>{255});
}

TEST_CASE("in place: accumulate_ and scale_ round once", "[in_place]") {
  for (const DType type : kTypes) {
    INFO(to_string(type));
    Tensor y = full({2, 2}, 1, type);
    if (!is_floating(type)) {
      const std::string expected = fmt::format(
          "not a floating type; got {}; expected float32, float64, bfloat16 or float16", to_string(type));
      CHECK(error_of([&] { scale_(y, 2); }) == "scale: " + expected);
      CHECK(error_of([&] { accumulate_(y, y); }) == "accumulate: " + expected);
      continue;
    }
    for (const DType from : {DType::float32, DType::float64, DType::bfloat16, DType::float16}) {
      const Tensor x = converted(from_values<double>({2, 2}, {0.1, -5, 1000.5, 3}), from);
      Tensor sum = full({2, 2}, 1.1, type);
      accumulate_(sum, x.transposed(0, 1));
      const auto a = to_doubles(x), result = to_doubles(sum);
      // Sums of half types are taken in float32.
      const double one = stored(1.1, type);
      const auto expected = [&](double v) {
        return type == DType::float64 ? one + v : stored(double(float(one) + float(v)), type);
      };
      CHECK(result == std::vector<double>{expected(a[0]), expected(a[2]), expected(a[1]), expected(a[3])});
    }
    fill_(y, 3);
    scale_(y, 1.0 / 3);
    CHECK(to_doubles(y)[0] == (type == DType::float64 ? 3 * (1.0 / 3) : stored(3 * float(1.0 / 3), type)));
  }
}

TEST_CASE("in place: strided targets change their own elements alone", "[in_place]") {
  Tensor x = zeros({4, 6});
  Tensor part = x.sliced(0, 1, 4, 2).sliced(1, 0, 6, 3);
  fill_(part, 2);
  accumulate_(part, from_values<float>({2, 2}, {1, 2, 3, 4}));
  scale_(part, 10);
  std::vector<double> expected(24);
  expected[6] = 30, expected[9] = 40, expected[18] = 50, expected[21] = 60;
  CHECK(to_doubles(x) == expected);

  // Large enough for several threads.
  const int threads = num_threads();
  set_num_threads(3);
  Tensor large = zeros({300, 500}), columns = large.transposed(0, 1);
  std::vector<float> values(150000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(i);
  copy_(columns, from_values({500, 300}, values));
  accumulate_(large, large);
  set_num_threads(threads);
  const auto result = to_doubles(large);
  int wrong = 0;
  for (std::size_t r = 0; r < 300; ++r)
    for (std::size_t c = 0; c < 500; ++c) wrong += result[r * 500 + c] != 2 * double(c * 300 + r);
  CHECK(wrong == 0);
}

TEST_CASE("in place: operands must fit", "[in_place]") {
  Tensor y = zeros({2, 3});
  CHECK(error_of([&] {
          copy_(y, zeros({3, 2}));
        }) == "copy_: operands differ; got float32 [3, 2] on cpu; expected float32 [2, 3] on cpu");
  CHECK(error_of([&] {
          accumulate_(y, zeros({2, 3}, DType::float32, kMeta));
        }) == "accumulate_: operands differ; got float32 [2, 3] on meta; expected float32 [2, 3] on cpu");
  Tensor none;
  CHECK(error_of([&] { fill_(none, 1); }).find("tensor: used before it was made") == 0);
}

TEST_CASE("in place: each change is counted, by all views", "[in_place]") {
  Tensor x = zeros({4});
  const Tensor handle = x;
  const auto version = [&] { return handle.storage()->version(); };
  const auto start = version();
  Tensor view = x.sliced(0, 0, 2);
  fill_(view, 1);
  CHECK(version() == start + 1);
  scale_(x, 2);
  copy_(x, zeros({4}));
  accumulate_(view, zeros({2}));
  CHECK(version() == start + 4);
  to_doubles(clone(x));
  CHECK(error_of([&] { copy_(x, zeros({5})); }) != "");
  CHECK(version() == start + 4);
}

TEST_CASE("in place: the first NaN or infinity is found in row-major order", "[in_place]") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity(),
                   kNan = std::numeric_limits<double>::quiet_NaN();
  for (const DType type : {DType::float32, DType::float64, DType::bfloat16, DType::float16}) {
    Tensor x = zeros({50, 1000}, type), flat = x.reshaped({50000});
    CHECK(find_non_finite(x) == -1);
    for (const auto& [place, value] :
         {std::pair(49999, kNan), std::pair(40123, -kInfinity), std::pair(123, kInfinity)}) {
      Tensor one = flat.sliced(0, place, place + 1);
      fill_(one, value);
      CHECK(find_non_finite(x) == place);
    }
    CHECK(find_non_finite(x.transposed(0, 1)) == 123 * 50);
  }
  CHECK(find_non_finite(zeros({3}, DType::int64)) == -1);
}

}  // namespace
}  // namespace uls
