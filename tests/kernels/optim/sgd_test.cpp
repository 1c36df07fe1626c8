// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/sgd/sgd.h"

#include <catch2/catch.hpp>

#include "tests/kernels/optim/optim_fixture.h"

namespace uls {
namespace {

using test::uneven;

TEST_CASE("sgd_: by hand, two steps with momentum") {
  const NoGrad no_grad;
  std::vector<SgdSlab> slabs{{full({1}, 1), full({1}, 0.5), zeros({1}), 0.1}};
  for (int step = 1; step <= 2; ++step) sgd_(slabs, to_tensor(test::step_at(step, 0.5)), {0.9});
  // g = 0.5 + 0.1, m = 0.6, p = 0.7; g = 0.5 + 0.07, m = 0.54 + 0.57, p = 0.7 - 0.555.
  CHECK(slabs[0].momentum.item<float>() == Approx(1.11));
  CHECK(slabs[0].parameter.item<float>() == Approx(0.145));
}

TEST_CASE("sgd_: plain, with momentum and nesterov over several steps, groups and sizes") {
  const NoGrad no_grad;
  for (const SgdOptions& options : {SgdOptions{}, SgdOptions{0.9}, SgdOptions{0.9, true}}) {
    INFO("momentum " << options.momentum << ", nesterov " << options.nesterov);
    std::vector<SgdSlab> slabs;
    std::vector<std::vector<double>> parameters, velocities;
    for (const std::int64_t length : test::kLengths) {
      const int i = int(slabs.size());
      slabs.push_back({uneven(length, i), empty({length}), options.momentum > 0 ? zeros({length}) : Tensor(),
                       i % 2 ? 0.1 : 0, i % 3});
      parameters.push_back(to_doubles(slabs.back().parameter));
      velocities.emplace_back(parameters.back().size());
    }
    for (int step = 1; step <= 5; ++step) {
      StepValues values = test::step_at(step, 0.01);
      values.learning_rates[1] = 0.1 / step;
      values.gradient_scale = 0.5;
      values.clip_factor = 0.75;
      for (std::size_t s = 0; s < slabs.size(); ++s) {
        copy_(slabs[s].gradient, uneven(slabs[s].gradient.numel(), 10 * step + int(s)));
        const auto gradients = to_doubles(slabs[s].gradient);
        for (std::size_t i = 0; i < gradients.size(); ++i) {
          double &p = parameters[s][i], &velocity = velocities[s][i];
          double g = gradients[i] * 0.375 + slabs[s].weight_decay * p;
          velocity = options.momentum * velocity + g;
          g = options.nesterov ? g + options.momentum * velocity : velocity;
          p -= values.learning_rates[s % 3] * g;
        }
      }
      sgd_(slabs, to_tensor(values), options);
    }
    for (std::size_t s = 0; s < slabs.size(); ++s) {
      CHECK(test::largest_difference(slabs[s].parameter, parameters[s]) < 2e-6);
      if (slabs[s].momentum) CHECK(test::largest_difference(slabs[s].momentum, velocities[s]) < 2e-6);
    }
  }
}

TEST_CASE("sgd_: a step that is skipped changes nothing") {
  const NoGrad no_grad;
  std::vector<SgdSlab> slabs{{uneven(9, 1), uneven(9, 2), zeros({9})}};
  StepValues values = test::step_at(1, 0.1);
  values.skip = 1;
  sgd_(slabs, to_tensor(values), {0.9});
  CHECK(test::same_bits(slabs[0].parameter, uneven(9, 1)));
  CHECK(test::same_bits(slabs[0].momentum, zeros({9})));
}

TEST_CASE("sgd_: what does not fit is named") {
  const NoGrad no_grad;
  const Tensor values = to_tensor(test::step_at(1, 0.1)), x = zeros({4});
  std::vector<SgdSlab> slabs{{x, x, {}}};
  CHECK(test::error_of([&] { sgd_(slabs, values, {0.9}); }) ==
        "sgd_: momentum 0 does not fit; got an undefined tensor; expected float32 [4] on cpu, contiguous");
  CHECK(test::error_of([&] {
          sgd_(slabs, values, {0, true});
        }) == "sgd_: nesterov without momentum; got 0; expected above 0");
  CHECK(test::error_of([&] { sgd_(slabs, values, {-1}); }) ==
        "sgd_: momentum is negative; got -1; expected at least 0");
  CHECK(test::error_of([&] { sgd_(slabs, x); }) ==
        "sgd_: no step values; got float32 [4] on cpu; expected float64 [9], contiguous");
}

}  // namespace
}  // namespace uls
