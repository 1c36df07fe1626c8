// SPDX-License-Identifier: Apache-2.0
#include "kernels/spatial/conv2d/conv2d.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
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
