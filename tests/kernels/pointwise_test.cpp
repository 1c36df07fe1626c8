// SPDX-License-Identifier: Apache-2.0
#include "kernels/pointwise/pointwise.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <map>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/norm/softmax/softmax.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("pointwise and softmax: golden", "[golden]") {
  const std::map<std::string, Tensor (*)(const Tensor&)> functions{{"gelu_erf", gelu},
                                                                   {"gelu_tanh", gelu_tanh},
                                                                   {"quickgelu", quick_gelu},
                                                                   {"relu", relu},
                                                                   {"sigmoid", sigmoid}};
  ULS_REPLAY_GOLDEN("op_pointwise", [&](const test::GoldenCase& golden) {
    Tensor x = golden.get("in.x").set_requires_grad();
    const bool is_softmax = golden.name().starts_with("softmax");
    REQUIRE((is_softmax || functions.contains(golden.name())));
    const Tensor y =
        is_softmax ? softmax(x, int(golden.op().at("axis").as_int64())) : functions.at(golden.name())(x);
    golden.compare("out.y", y, is_softmax ? x.shape().back() : 1);
    backward(y, golden.get("cot.y"));
    golden.compare("grad.in.x", x.grad(), is_softmax ? x.shape().back() : 1);
  });
}

TEST_CASE("pointwise: extremes") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity(),
                  kNan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = test::tensor({4}, {-kInfinity, kInfinity, kNan, -0.0f});
  CHECK(test::largest_difference(relu(x), test::tensor({4}, {0, kInfinity, kNan, 0})) == 0);
  CHECK(test::largest_difference(sigmoid(x), test::tensor({4}, {0, 1, kNan, 0.5f})) == 0);
  CHECK(test::largest_difference(maximum(x, zeros({4})), test::tensor({4}, {0, kInfinity, kNan, 0})) == 0);
  CHECK(test::largest_difference(minimum(zeros({4}), x), test::tensor({4}, {-kInfinity, 0, kNan, 0})) == 0);
  const Tensor masked = softmax(test::tensor({2, 2}, {-kInfinity, 1, -kInfinity, -kInfinity}));
  CHECK(test::largest_difference(masked, test::tensor({2, 2}, {0, 1, kNan, kNan})) == 0);
}

TEST_CASE("pointwise: equal elements share the gradient of the larger one") {
  Tensor a = test::parameter({2}, {1, 3}), b = test::parameter({2}, {1, 2});
  backward(maximum(a, b), full({2}, 1, DType::float64));
  CHECK(to_doubles(a.grad()) == std::vector<double>{0.5, 1});
  CHECK(to_doubles(b.grad()) == std::vector<double>{0.5, 0});
}

TEST_CASE("pointwise: what PyTorch would refuse is refused") {
  const Tensor x = zeros({2, 3});
  CHECK(test::error_of([&] { add(x, zeros({2})); }) ==
        "add: shapes do not broadcast; got [2, 3] and [2]; expected sizes that are equal or 1, counted from "
        "the last");
  CHECK(test::error_of([&] {
          multiply(x, zeros({2, 3}, DType::bfloat16));
        }) == "multiply: b differs in type or device; got bfloat16 [2, 3] on cpu; expected float32 on cpu");
  CHECK(test::error_of([&] {
          add(x, empty({2, 3}, DType::float32, kMeta));
        }) == "add: b differs in type or device; got float32 [2, 3] on meta; expected float32 on cpu");
  CHECK(test::error_of([&] { relu(zeros({2}, DType::boolean)); }) ==
        "relu: x is not a floating tensor; got bool [2] on cpu; expected float32, float64, bfloat16 or "
        "float16");
  CHECK(test::error_of([&] { softmax(x, 2); }) == "softmax: no such dimension; got 2; expected -2 to 1");
}

}  // namespace
}  // namespace uls
