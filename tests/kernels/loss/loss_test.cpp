// SPDX-License-Identifier: Apache-2.0
// The three losses on logits: one golden file holds them all.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/loss/bce_with_logits/bce_with_logits.h"
#include "kernels/loss/dice/dice.h"
#include "kernels/loss/focal/focal.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using Loss = Tensor (*)(const Tensor&, const Tensor&);

Tensor plain_focal(const Tensor& logits, const Tensor& target) { return focal(logits, target); }

const std::vector<std::pair<const char*, Loss>> kLosses{
    {"bce_with_logits", bce_with_logits}, {"dice", dice}, {"focal", plain_focal}};

TEST_CASE("loss: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_loss", [](const test::GoldenCase& golden) {
    Tensor logits = golden.get("in.logits").set_requires_grad();
    const Tensor target = golden.get("in.target");
    const Json& op = golden.op();
    const Tensor loss = op.find("gamma")
                            ? focal(logits, target, op.at("alpha").as_double(), op.at("gamma").as_double())
                        : op.find("formula") ? dice(logits, target)
                                             : bce_with_logits(logits, target);
    golden.compare("out.loss", loss, logits.numel());
    backward(loss, golden.get("cot.loss"));
    golden.compare("grad.in.logits", logits.grad(), 1);
  });
}

TEST_CASE("loss: worked out by hand") {
  const Tensor zero = test::tensor({1, 2}, {0, 0}), target = test::tensor({1, 2}, {1, 0});
  CHECK(bce_with_logits(zero, target).item<float>() == Approx(std::log(2.0)));
  CHECK(focal(zero, target).item<float>() == Approx(0.5 * 0.25 * std::log(2.0)));
  CHECK(dice(zero, target).item<float>() == Approx(1.0 / 3));
}

TEST_CASE("loss: sure logits keep their digits and stay finite") {
  const auto one = [](Loss loss, float logit, float target) {
    Tensor x = test::tensor({1, 1}, {logit}).set_requires_grad();
    const Tensor y = loss(x, test::tensor({1, 1}, {target}));
    backward(y);
    return std::pair(double(y.item<float>()), double(x.grad().data<float>()[0]));
  };
  for (const float sign : {1.0f, -1.0f}) {
    INFO("logits of sign " << sign);
    const float right = sign > 0 ? 1.0f : 0.0f, wrong = 1 - right;
    const double small = std::exp(-30.0);
    CHECK(one(bce_with_logits, sign * 30, right).first == Approx(small));
    CHECK(one(bce_with_logits, sign * 30, right).second == Approx(-sign * small));
    CHECK(one(bce_with_logits, sign * 500, wrong) == std::pair(500.0, double(sign)));
    CHECK(one(bce_with_logits, sign * 500, right).first == 0);
    CHECK(one(dice, sign * 30, right).first == Approx(sign > 0 ? small / 3 : small));
    CHECK(one(plain_focal, sign * 500, wrong).first == (sign > 0 ? 375 : 125));
    CHECK(one(plain_focal, sign * 500, right) == std::pair(0.0, 0.0));
  }
}

TEST_CASE("loss: without elements NaN, a NaN stays, soft targets keep their type's digits") {
  for (const auto& [name, loss] : kLosses) {
    INFO(name);
    CHECK(std::isnan(loss(zeros({0, 3}), zeros({0, 3})).item<float>()));
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(loss(test::tensor({1, 2}, {1, nan}), zeros({1, 2})).item<float>()));
    const Tensor logits = full({1, 64}, 1.5, DType::bfloat16), soft = full({1, 64}, 0.4997);
    const Tensor exact = loss(converted(logits, DType::float64), converted(soft, DType::float64));
    CHECK(test::same_bits(loss(logits, soft), converted(exact, DType::bfloat16)));
  }
  CHECK(dice(zeros({2, 0}), zeros({2, 0})).item<float>() == 0);
}

TEST_CASE("loss: many elements are summed without drift, the same by any layout") {
  for (const auto& [name, loss] : kLosses) {
    INFO(name);
    const Tensor logits = full({3, 700, 700}, 0.3), target = full({3, 700, 700}, 0.7);
    const Tensor exact =
        loss(full({3, 1, 490000}, 0.3f, DType::float64), full({3, 1, 490000}, 0.7f, DType::float64));
    CHECK(loss(logits, target).item<float>() == Approx(exact.item<double>()).epsilon(4e-7));
  }
}

TEST_CASE("loss: what does not fit is named") {
  const Tensor logits = zeros({2, 3});
  for (const auto& [name, loss] : kLosses) {
    const std::string op = name;
    CHECK(
        test::error_of([&, loss = loss] { loss(zeros({2}, DType::int64), logits); }) ==
        op +
            ": logits is not a floating tensor; got int64 [2] on cpu; expected float32, float64, bfloat16 or "
            "float16");
    CHECK(
        test::error_of([&, loss = loss] {
          loss(logits, zeros({2, 3}, DType::uint8));
        }) ==
        op +
            ": target is not a floating tensor; got uint8 [2, 3] on cpu; expected float32, float64, bfloat16 "
            "or float16");
    CHECK(test::error_of([&, loss = loss] {
            loss(logits, zeros({3, 2}));
          }) == op + ": target has the wrong shape; got [3, 2]; expected [2, 3]");
    CHECK(test::error_of([&, loss = loss] {
            loss(logits, empty({2, 3}, DType::float32, kMeta));
          }) == op + ": target is on another device; got meta; expected cpu");
    CHECK(test::error_of([&, loss = loss] {
            loss(logits, zeros({2, 3}).set_requires_grad());
          }) ==
          op + ": no gradient for the target; got float32 [2, 3] on cpu with history; expected one without");
  }
  CHECK(test::error_of([] { dice(zeros({}), zeros({})); }) ==
        "dice: no dimension of samples; got float32 [] on cpu; expected [B, ...]");
  CHECK(test::error_of([&] { focal(logits, logits, 1.5); }) ==
        "focal: alpha is no share; got 1.5; expected 0 to 1");
  CHECK(test::error_of([&] { focal(logits, logits, 0.25, -1); }) ==
        "focal: gamma is negative; got -1; expected at least 0");
}

}  // namespace
}  // namespace uls
