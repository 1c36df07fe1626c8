// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/mask_head/mask_head.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/common/op_table.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("mask_head: by hand, with gradients that are added to what is there") {
  const Tensor query = test::parameter({2, 1, 1, 2}, {1, 2, 3, 4}),
               pixel = test::parameter({1, 1, 2, 2}, {5, 6, 7, 8});
  for (int call = 1; call <= 2; ++call) {
    const Tensor maps = mask_head(query, pixel);
    CHECK(to_doubles(maps) == std::vector<double>{17, 23, 39, 53});
    backward(maps, from_values<double>({2, 1, 1, 1, 2}, {1, 0, 10, 100}));
    const double n = call;
    CHECK(to_doubles(query.grad()) == std::vector<double>{5 * n, 6 * n, 750 * n, 860 * n});
    CHECK(to_doubles(pixel.grad()) == std::vector<double>{31 * n, 42 * n, 300 * n, 400 * n});
  }
}

TEST_CASE("mask_head: the kernel and its twin agree over several tiles and blocks") {
  const auto both_ways = [](bool fused, const Shape& query_shape, const Shape& pixel_shape, DType type) {
    const kernels::FusedScope scope(fused);
    const Tensor query = clone(converted(kernels::make_input({query_shape}, 0), type)).set_requires_grad(),
                 pixel = clone(converted(kernels::make_input({pixel_shape}, 1), type)).set_requires_grad();
    const Tensor maps = mask_head(query, pixel);
    backward(maps, converted(kernels::make_input({maps.shape()}, 2), type));
    return std::vector{maps.detached(), query.grad(), pixel.grad()};
  };
  for (const auto& [query, pixel] : {std::pair(Shape{6, 2, 1, 32}, Shape{2, 40, 41, 32}),
                                     std::pair(Shape{3, 2, 5, 13}, Shape{2, 30, 31, 13}),
                                     std::pair(Shape{1, 1, 1, 7}, Shape{1, 1, 129, 7}),
                                     std::pair(Shape{2, 1, 3, 64}, Shape{1, 16, 8, 64})}) {
    CAPTURE(query, pixel);
    const auto plain = both_ways(false, query, pixel, DType::float64);
    for (const DType type : {DType::float64, DType::float32}) {
      const auto fused = both_ways(true, query, pixel, type);
      const double bound = type == DType::float64 ? 1e-12 : 1e-4;
      for (std::size_t i = 0; i < fused.size(); ++i)
        CHECK(test::largest_difference(fused[i], plain[i]) < bound);
    }
  }
}

TEST_CASE("mask_head: what does not fit is named") {
  const std::string expected = "; expected [layers, B, Q, C] and [B, H, W, C]";
  const Tensor query = zeros({2, 3, 1, 4});
  for (const Shape& shape : {Shape{2, 5, 5, 4}, Shape{3, 5, 5, 3}, Shape{3, 5, 4}})
    CHECK(test::error_of([&] { mask_head(query, zeros(shape)); }) ==
          "mask_head: query and pixel do not fit; got [2, 3, 1, 4] and " + to_string(shape) + expected);
  CHECK(
      test::error_of([&] {
        mask_head(query, zeros({3, 5, 5, 4}, DType::float64));
      }) ==
      "mask_head: pixel differs in type or device; got float64 [3, 5, 5, 4] on cpu; expected float32 on cpu");
}

}  // namespace
}  // namespace uls
