// SPDX-License-Identifier: Apache-2.0
#include "kernels/norm/layer_norm/layer_norm.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("layer_norm: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_layer_norm", [](const test::GoldenCase& golden) {
    Tensor x = golden.get("in.x").set_requires_grad(), weight = golden.get("in.weight").set_requires_grad(),
           bias = golden.get("in.bias").set_requires_grad();
    const Tensor y = layer_norm(x, weight, bias, golden.op().at("eps").as_double());
    const std::int64_t channels = weight.numel(), rows = x.numel() / channels;
    golden.compare("out.y", y, channels);
    backward(y, golden.get("cot.y"));
    golden.compare("grad.in.x", x.grad(), channels);
    golden.compare("grad.in.weight", weight.grad(), rows);
    golden.compare("grad.in.bias", bias.grad(), rows);
  });
}

TEST_CASE("layer_norm: rows far from zero keep their digits") {
  const Tensor x = test::tensor({1, 4}, {10000, 10001, 10002, 10003});
  const Tensor y = layer_norm(x, {}, {}, 0);
  CHECK(test::largest_difference(
            y, test::tensor({1, 4}, {-1.3416408f, -0.4472136f, 0.4472136f, 1.3416408f})) < 1e-6);
}

TEST_CASE("layer_norm: what does not fit is named") {
  const Tensor x = zeros({2, 3});
  CHECK(test::error_of([&] { layer_norm(x, zeros({4}), zeros({3})); }) ==
        "layer_norm: weight has the wrong shape; got [4]; expected [3]");
  CHECK(test::error_of([&] { layer_norm(x, zeros({3}), {}); }) ==
        "layer_norm: only one of weight and bias; got float32 [3] on cpu and an undefined tensor; expected "
        "both or none");
  CHECK(test::error_of([&] { layer_norm(zeros({}), {}, {}); }) ==
        "layer_norm: no dimension to normalise; got float32 [] on cpu; expected at least one");
}

}  // namespace
}  // namespace uls
