// SPDX-License-Identifier: Apache-2.0
#include "kernels/primitives/pad/pad.h"

#include <catch2/catch.hpp>

#include "core/tensor/primitives.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("pad: nothing to add gives x itself") {
  const Tensor x = zeros({2, 3});
  CHECK(pad(x, {0, 0}, {0, 0}).storage() == x.storage());
}

TEST_CASE("pad: types without gradient") {
  const Tensor x = from_values<std::int64_t>({1, 2}, {1, 2});
  CHECK(test::same_bits(pad(x, {0, 1}, {1, 0}), from_values<std::int64_t>({2, 3}, {0, 1, 2, 0, 0, 0})));
}

TEST_CASE("pad: what does not fit is named") {
  const Tensor x = zeros({2, 3});
  CHECK(test::error_of([&] {
          pad(x, {1}, {0, 1});
        }) == "pad: wrong number of dimensions; got [1] and [0, 1] for [2, 3]; expected 2 numbers each");
  CHECK(test::error_of([&] {
          pad(x, {0, 0}, {0, -1});
        }) == "pad: below 0; got [0, 0] and [0, -1]; expected at least 0");
  CHECK(test::error_of([] { pad({}, {}, {}); }) ==
        "pad: nothing to pad; got an undefined tensor; expected a defined one");
}

}  // namespace
}  // namespace uls
