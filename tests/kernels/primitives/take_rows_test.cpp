// SPDX-License-Identifier: Apache-2.0
#include "kernels/primitives/take_rows/take_rows.h"

#include <catch2/catch.hpp>

#include "core/tensor/primitives.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("first_of_largest: the first place of the largest id, from any strides") {
  const Tensor ids = from_values<std::int64_t>({3, 4}, {1, 9, 9, 0, -5, -4, -4, -7, 0, 0, 0, 0});
  CHECK(to_doubles(first_of_largest(ids)) == std::vector<double>{1, 1, 0});
  CHECK(to_doubles(first_of_largest(ids.transposed(0, 1))) == std::vector<double>{0, 0, 0, 0});
  CHECK(to_doubles(first_of_largest(ids.sliced(1, 2, 4))) == std::vector<double>{0, 0, 0});
  CHECK(first_of_largest(ids.sliced(0, 1, 2).reshaped({4})).shape() == Shape{});
  CHECK(first_of_largest(empty({2, 3, 4}, DType::int64, kMeta)).shape() == Shape{2, 3});
}

TEST_CASE("take_rows: what does not fit is named") {
  const Tensor x = zeros({2, 4, 3}), index = zeros({2}, DType::int64);
  CHECK(test::error_of([&] {
          take_rows(x, from_values<std::int64_t>({2}, {3, 4}));
        }) == "take_rows: index out of range; got 4 at [1]; expected a row in [0, 4)");
  CHECK(test::error_of([&] { take_rows(x, zeros({2})); }) ==
        "take_rows: index differs in type or device; got float32 [2] on cpu; expected int64 on cpu");
  CHECK(test::error_of([&] { take_rows(x, zeros({3}, DType::int64)); }) ==
        "take_rows: index has the wrong shape; got [3]; expected [2]");
  CHECK(test::error_of([&] {
          take_rows(zeros({2, 4}), index);
        }) == "take_rows: x has no rows; got float32 [2, 4] on cpu; expected [B, L, C]");
  const std::string expected = "; expected int64 [..., L] with L of at least 1";
  CHECK(test::error_of([&] {
          first_of_largest(zeros({2, 0}, DType::int64));
        }) == "first_of_largest: no rows of ids; got int64 [2, 0] on cpu" + expected);
  CHECK(test::error_of([&] { first_of_largest(zeros({2})); }) ==
        "first_of_largest: no rows of ids; got float32 [2] on cpu" + expected);
}

}  // namespace
}  // namespace uls
