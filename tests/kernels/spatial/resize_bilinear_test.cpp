// SPDX-License-Identifier: Apache-2.0
#include "kernels/spatial/resize_bilinear/resize_bilinear.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

// Files hold [B, C, H, W].
Tensor channels_last(const Tensor& x) { return clone(x.permuted({0, 2, 3, 1})); }
Tensor channels_first(const Tensor& x) { return x.permuted({0, 3, 1, 2}); }

TEST_CASE("resize_bilinear: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_bilinear", [](const test::GoldenCase& golden) {
    const Json &op = golden.op(), &size = op.at("size");
    REQUIRE_FALSE(op.at("antialias").as_bool());
    Tensor x = channels_last(golden.get("in.x")).set_requires_grad();
    const Tensor y =
        resize_bilinear(x, size[0].as_int64(), size[1].as_int64(), op.at("align_corners").as_bool());
    golden.compare("out.y", channels_first(y), 4);
    backward(y, channels_last(golden.get("cot.y")));
    golden.compare("grad.in.x", channels_first(x.grad()),
                   std::max<std::int64_t>(4, 4 * y.numel() / x.numel()));
  });
}

TEST_CASE("resize_bilinear: a line worked out by hand") {
  const Tensor x = test::tensor({1, 1, 3, 1}, {0, 4, 8});
  CHECK(test::same_bits(resize_bilinear(x, 1, 6), test::tensor({1, 1, 6, 1}, {0, 1, 3, 5, 7, 8})));
  CHECK(test::same_bits(resize_bilinear(x, 1, 5, true), test::tensor({1, 1, 5, 1}, {0, 2, 4, 6, 8})));
  CHECK(test::same_bits(resize_bilinear(x, 2, 1), test::tensor({1, 2, 1, 1}, {4, 4})));
  CHECK(test::same_bits(resize_bilinear(x, 2, 1, true), test::tensor({1, 2, 1, 1}, {0, 0})));
}

TEST_CASE("resize_bilinear: the size that it has already changes no bit") {
  const Tensor x = test::tensor({1, 2, 3, 1}, {0.1f, -0.7f, 3.3f, 1e-30f, 1e30f, -5});
  for (const bool align_corners : {false, true})
    CHECK(test::same_bits(resize_bilinear(x, 2, 3, align_corners), x));
}

TEST_CASE("resize_bilinear: with another tensor as resizing and adding") {
  const auto both_ways = [](bool fused) {
    const kernels::FusedScope scope(fused);
    Tensor x = test::parameter({1, 2, 2, 1}, {1, -2, 3, 0.5});
    Tensor other = test::parameter({1, 3, 2, 1}, {5, 4, 3, 2, 1, 0});
    const Tensor y = resize_bilinear(x, 3, 2, false, other);
    backward(y, from_values<double>({1, 3, 2, 1}, {1, 2, -3, 4, 0.25, 6}));
    return std::vector{y.detached(), x.grad(), other.grad()};
  };
  const auto fused = both_ways(true), plain = both_ways(false);
  for (std::size_t i = 0; i < fused.size(); ++i) CHECK(test::largest_difference(fused[i], plain[i]) < 1e-15);
}

TEST_CASE("resize_bilinear: what does not fit is named") {
  const Tensor x = zeros({1, 2, 3, 4});
  CHECK(test::error_of([&] { resize_bilinear(x, 0, 3); }) ==
        "resize_bilinear: bad size; got 0 x 3; expected at least 1 x 1");
  CHECK(test::error_of([&] {
          resize_bilinear(zeros({1, 0, 3, 4}), 2, 3);
        }) ==
        "resize_bilinear: not an image; got [1, 0, 3, 4]; expected [B, H, W, C] with H and W of at least 1");
  CHECK(test::error_of([&] {
          resize_bilinear(zeros({2, 3, 4}), 2, 3);
        }) ==
        "resize_bilinear: not an image; got [2, 3, 4]; expected [B, H, W, C] with H and W of at least 1");
  CHECK(test::error_of([&] {
          resize_bilinear(zeros({1, 2, 3, 4}, DType::uint8), 2, 3);
        }) ==
        "resize_bilinear: x is not a floating tensor; got uint8 [1, 2, 3, 4] on cpu; expected float32, "
        "float64, bfloat16 or float16");
  CHECK(test::error_of([&] { resize_bilinear(x, 4, 6, false, x); }) ==
        "resize_bilinear: other has the wrong shape; got [1, 2, 3, 4]; expected [1, 4, 6, 4]");
  CHECK(test::error_of([&] {
          resize_bilinear(x, 2, 3, false, zeros({1, 2, 3, 4}, DType::float64));
        }) ==
        "resize_bilinear: other differs in type or device; got float64 [1, 2, 3, 4] on cpu; expected float32 "
        "on cpu");
}

}  // namespace
}  // namespace uls
