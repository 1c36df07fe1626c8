// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/linear/linear.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/linear/gemm/gemm.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("linear: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_linear", [](const test::GoldenCase& golden) {
    Tensor x = golden.get("in.x").set_requires_grad(), weight = golden.get("in.weight").set_requires_grad(),
           bias;
    if (golden.op().at("bias").as_bool()) bias = golden.get("in.bias").set_requires_grad();
    const Tensor y = linear(x, weight, bias);
    const std::int64_t rows = y.numel() / weight.size(0);
    golden.compare("out.y", y, weight.size(1));
    backward(y, golden.get("cot.y"));
    golden.compare("grad.in.x", x.grad(), weight.size(0));
    golden.compare("grad.in.weight", weight.grad(), rows);
    if (bias) golden.compare("grad.in.bias", bias.grad(), rows);
  });
}

TEST_CASE("linear: gradients are added to what a parameter holds") {
  Tensor x = test::parameter({2, 3}, {1, 2, 3, 4, 5, 6}), w = test::parameter({1, 3}, {1, 0, -1});
  w.set_grad(full({1, 3}, 10, DType::float64));
  backward(linear(x, w), full({2, 1}, 1, DType::float64));
  CHECK(to_doubles(w.grad()) == std::vector<double>{15, 17, 19});
  CHECK(to_doubles(x.grad()) == std::vector<double>{1, 0, -1, 1, 0, -1});
}

TEST_CASE("linear and matmul: what does not fit is named") {
  const Tensor x = zeros({2, 3}), w = zeros({4, 3});
  CHECK(test::error_of([&] {
          linear(x, zeros({4, 5}));
        }) == "linear: x and weight do not fit; got [2, 3] and [4, 5]; expected 5 as the last size of x");
  CHECK(test::error_of([&] { linear(x, w, zeros({3})); }) ==
        "linear: bias has the wrong shape; got [3]; expected [4]");
  CHECK(test::error_of([&] {
          linear(x, zeros({4, 3}, DType::float64));
        }) == "linear: weight differs in type or device; got float64 [4, 3] on cpu; expected float32 on cpu");
  CHECK(test::error_of([&] {
          linear(zeros({2, 3}, DType::int64), w);
        }) ==
        "linear: x is not a floating tensor; got int64 [2, 3] on cpu; expected float32, float64, bfloat16 or "
        "float16");
  CHECK(test::error_of([&] {
          linear({}, w);
        }).starts_with("linear: x is not a floating tensor; got an undefined tensor"));
  CHECK(test::error_of([&] { matmul(x, w); }) ==
        "matmul: inner sizes differ; got [2, 3] and [4, 3]; expected equal ones");
  CHECK(test::error_of([&] { matmul(x, zeros({3}), false, false); }) ==
        "matmul: not matrices; got [2, 3] and [3]; expected two dimensions each");
}

}  // namespace
}  // namespace uls
