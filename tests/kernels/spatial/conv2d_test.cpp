// SPDX-License-Identifier: Apache-2.0
#include "kernels/spatial/conv2d/conv2d.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/primitives/random/random.h"
#include "kernels/spatial/conv2d/conv2d_kernel.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

// Files hold [B, C, H, W] and [O, I, kh, kw]; both become channels last by the same permutation.
Tensor channels_last(const Tensor& x) { return clone(x.permuted({0, 2, 3, 1})); }
Tensor channels_first(const Tensor& x) { return x.permuted({0, 3, 1, 2}); }

TEST_CASE("conv2d: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_conv2d", [](const test::GoldenCase& golden) {
    Tensor x = channels_last(golden.get("in.x")).set_requires_grad();
    Tensor weight = channels_last(golden.get("in.weight")).set_requires_grad(), bias;
    const Json& op = golden.op();
    if (op.at("bias").as_bool()) bias = golden.get("in.bias").set_requires_grad();
    const Json* groups = op.find("groups");
    REQUIRE(weight.size(1) == op.at("kernel").as_int64());
    const Tensor y =
        conv2d(x, weight, bias,
               {op.at("stride").as_int64(), op.at("padding").as_int64(), groups ? groups->as_int64() : 1});
    const std::int64_t taps = weight.size(1) * weight.size(2), pixels = y.numel() / y.size(3);
    golden.compare("out.y", channels_first(y), taps * weight.size(3));
    backward(y, channels_last(golden.get("cot.y")));
    golden.compare("grad.in.x", channels_first(x.grad()), taps * weight.size(0));
    golden.compare("grad.in.weight", channels_first(weight.grad()), pixels);
    if (bias) golden.compare("grad.in.bias", bias.grad(), pixels);
  });
}

TEST_CASE("conv2d: Winograd's form agrees with the direct one") {
  const auto uniform = [](const Shape& shape, std::uint32_t number) {
    Tensor x = empty(shape, DType::float64);
    fill_uniform_(x, -1, 1, {.key = {number, 1}});
    return x;
  };
  for (const Shape& image : {Shape{2, 6, 8, 5}, Shape{1, 7, 5, 17}, Shape{3, 1, 1, 4}, Shape{1, 41, 43, 3}}) {
    INFO(to_string(image));
    const std::int64_t out = 6, in = image[3];
    const slots::Conv2dSizes sizes{image[0], image[1], image[2], in, image[1], image[2], out, 3, 3, 1, 1, 1};
    REQUIRE(slots::winograd_can(sizes, DType::float64));
    REQUIRE_FALSE(slots::winograd_pays(sizes, DType::float64));
    Shape result = image;
    result[3] = out;
    const Tensor x = uniform(image, 1), weight = uniform({out, 3, 3, in}, 2), bias = uniform({out}, 3),
                 dy = uniform(result, 4);
    Tensor direct = empty(result, DType::float64), fast = empty_like(direct), dx = empty_like(x),
           fast_dx = empty_like(x), dw = empty_like(weight), fast_dw = empty_like(weight);
    slots::conv2d(kCpu, x, weight, bias, sizes, direct);
    slots::conv2d_winograd(kCpu, x, weight, bias, sizes, fast);
    CHECK(test::largest_difference(direct, fast) < 1e-12);
    slots::conv2d_grad_input(kCpu, dy, weight, sizes, dx);
    slots::conv2d_grad_input_winograd(kCpu, dy, weight, sizes, fast_dx);
    CHECK(test::largest_difference(dx, fast_dx) < 1e-12);
    slots::conv2d_grad_weight(kCpu, x, dy, sizes, dw);
    slots::conv2d_grad_weight_winograd(kCpu, x, dy, sizes, fast_dw);
    CHECK(test::largest_difference(dw, fast_dw) < 1e-11);
  }
}

TEST_CASE("conv2d: what does not fit is named") {
  const Tensor x = zeros({1, 5, 5, 4});
  CHECK(test::error_of([&] {
          conv2d(x, zeros({2, 3, 3, 3}));
        }) ==
        "conv2d: channels do not fit; got x [1, 5, 5, 4], weight [2, 3, 3, 3], 1 groups; expected a weight "
        "of 4 input channels");
  CHECK(test::error_of([&] {
          conv2d(x, zeros({2, 7, 3, 4}));
        }) ==
        "conv2d: the kernel does not fit the image; got [2, 7, 3, 4] on [1, 5, 5, 4] with padding 0; "
        "expected a smaller one");
  CHECK(test::error_of([&] {
          conv2d(x, zeros({2, 3, 3, 4}), {}, {0, 0});
        }) == "conv2d: bad options; got stride 0, padding 0, groups 1; expected at least 1, 0, 1");
  CHECK(test::error_of([&] {
          conv2d(zeros({5, 5, 4}), zeros({2, 3, 3, 4}));
        }) ==
        "conv2d: wrong number of dimensions; got [5, 5, 4] and [2, 3, 3, 4]; expected [B, H, W, I] and [O, "
        "kh, kw, I]");
}

}  // namespace
}  // namespace uls
