// SPDX-License-Identifier: Apache-2.0
#include "kernels/primitives/concat/concat.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("concat: types without gradient") {
  const Tensor a = from_values<std::int64_t>({1, 2}, {1, 2}), b = from_values<std::int64_t>({1, 1}, {3});
  CHECK(test::same_bits(concat({a, b}, -1), from_values<std::int64_t>({1, 3}, {1, 2, 3})));
}

TEST_CASE("concat: a tensor twice gathers both of its gradients, one without history none") {
  Tensor x = test::parameter({2}, {1, 2});
  const Tensor y = concat({x, full({1}, 7, DType::float64), x}, 0);
  CHECK(test::same_bits(y.detached(), from_values<double>({5}, {1, 2, 7, 1, 2})));
  backward(y, from_values<double>({5}, {1, 2, 3, 4, 5}));
  CHECK(test::same_bits(x.grad(), from_values<double>({2}, {5, 7})));
}

TEST_CASE("concat: what does not fit is named") {
  const Tensor x = zeros({2, 3});
  CHECK(test::error_of([] { concat({}, 0); }) ==
        "concat: nothing to begin with; got 0 tensors; expected at least one, defined");
  CHECK(test::error_of([&] {
          concat({x, zeros({3, 3})}, 1);
        }) == "concat: part 1 has the wrong shape; got [3, 3]; expected [2, 3]");
  CHECK(test::error_of([&] {
          concat({x, zeros({2})}, 1);
        }) == "concat: part 1 has the wrong shape; got [2]; expected [2, 3]");
  CHECK(test::error_of([&] {
          concat({x, zeros({2, 3}, DType::float64)}, 1);
        }) == "concat: part 1 differs in type or device; got float64 [2, 3] on cpu; expected float32 on cpu");
  CHECK(test::error_of([&] {
          concat({x, empty({2, 3}, DType::float32, kMeta)}, 1);
        }) ==
        "concat: part 1 differs in type or device; got float32 [2, 3] on meta; expected float32 on cpu");
  CHECK(test::error_of([&] {
          concat({x, Tensor()}, 1);
        }) == "concat: part 1 differs in type or device; got an undefined tensor; expected float32 on cpu");
}

}  // namespace
}  // namespace uls
