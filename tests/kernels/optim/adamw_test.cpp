// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/adamw/adamw.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "kernels/optim/clip/clip.h"
#include "kernels/optim/schedule/schedule.h"
#include "tests/kernels/optim/optim_fixture.h"
#include "tests/support/golden.h"

namespace uls {
namespace {

using test::uneven;

// |actual - expected| <= 1e-6 of the largest expected value.
void compare_relative(const test::GoldenCase& golden, const std::string& key, const Tensor& actual) {
  const Tensor expected = golden.get(key);
  INFO(key);
  CHECK(test::largest_difference(actual, expected) <=
        1e-6 * test::largest_difference(expected, zeros_like(expected)));
}

TEST_CASE("adamw_: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_adamw", [](const test::GoldenCase& golden) {
    const NoGrad no_grad;
    const Json& info = golden.info();
    const AdamOptions options{info.at("betas")[0].as_double(), info.at("betas")[1].as_double(),
                              info.at("eps").as_double()};
    std::vector<AdamSlab> slabs;
    for (const Json& decay : info.at("weight_decay").items()) {
      const Tensor parameter = golden.get("in.param" + std::to_string(slabs.size()));
      slabs.push_back({parameter, {}, zeros_like(parameter), zeros_like(parameter), decay.as_double()});
    }
    const std::int64_t steps = info.at("lr_per_step").size();
    for (std::int64_t step = 0; step < steps; ++step) {
      INFO("step " << step);
      const double rate = info.at("lr").as_double() * schedule::poly(step, steps);
      CHECK(rate == Approx(info.at("lr_per_step")[step].as_double()).epsilon(1e-12));
      const std::string of_step = ".step" + std::to_string(step);
      std::vector<Tensor> gradients;
      for (std::size_t i = 0; i < slabs.size(); ++i)
        gradients.push_back(slabs[i].gradient = golden.get("in.grad" + std::to_string(i) + of_step));
      Tensor values = to_tensor(test::step_at(double(step + 1), rate));
      clip_(values, gradients, info.at("clip_norm").as_double());
      CHECK(step_values(values).gradient_norm ==
            Approx(info.at("norm_per_step")[step].as_double()).epsilon(1e-6));
      adamw_(slabs, values, options);
      for (std::size_t i = 0; i < slabs.size(); ++i)
        compare_relative(golden, "out.param" + std::to_string(i) + of_step, slabs[i].parameter);
    }
    for (std::size_t i = 0; i < slabs.size(); ++i) {
      compare_relative(golden, "out.exp_avg" + std::to_string(i), slabs[i].mean);
      compare_relative(golden, "out.exp_avg_sq" + std::to_string(i), slabs[i].square);
    }
  });
}

// The formulas of the papers in float64.
struct Reference {
  std::vector<double> p, m, v;

  explicit Reference(const Tensor& parameter) : p(to_doubles(parameter)), m(p.size()), v(p.size()) {}

  void step(const Tensor& gradient, double factor, int s, double rate, double decay, const AdamOptions& o) {
    const auto gradients = to_doubles(gradient);
    for (std::size_t i = 0; i < p.size(); ++i) {
      double g = gradients[i] * factor;
      if (o.decoupled)
        p[i] -= rate * decay * p[i];
      else
        g += decay * p[i];
      m[i] = o.beta1 * m[i] + (1 - o.beta1) * g;
      v[i] = o.beta2 * v[i] + (1 - o.beta2) * g * g;
      const double mean = m[i] / (1 - std::pow(o.beta1, s)), square = v[i] / (1 - std::pow(o.beta2, s));
      p[i] -= rate * mean / (std::sqrt(square) + o.eps);
    }
  }
};

TEST_CASE("adamw_: Adam and AdamW over several steps, groups and sizes") {
  const NoGrad no_grad;
  for (const auto& [decoupled, type] : std::vector<std::pair<bool, DType>>{{true, DType::float32},
                                                                           {false, DType::float32},
                                                                           {true, DType::float64},
                                                                           {false, DType::float64}}) {
    INFO("decoupled " << decoupled << ", " << to_string(type));
    const double allowed = type == DType::float64 ? 1e-13 : 1e-6;
    // Where decay and gradient nearly cancel, mean / sqrt(square) has few digits: eps and small rates bound
    // that.
    const AdamOptions options{0.8, 0.95, 1e-4, decoupled};
    std::vector<AdamSlab> slabs;
    std::vector<Reference> references;
    for (const std::int64_t length : test::kLengths) {
      const int i = int(slabs.size());
      const Tensor parameter = converted(uneven(length, i), type);
      slabs.push_back({parameter, empty_like(parameter), zeros_like(parameter), zeros_like(parameter),
                       i % 2 ? 0.1 : 0, i % 3});
      references.emplace_back(slabs.back().parameter);
    }
    for (int step = 1; step <= 5; ++step) {
      StepValues values = test::step_at(step, 0.01);
      values.learning_rates[1] = 0.02 / step;
      values.gradient_scale = 0.5;
      values.clip_factor = 0.75;
      for (std::size_t i = 0; i < slabs.size(); ++i) {
        copy_(slabs[i].gradient, uneven(slabs[i].gradient.numel(), 10 * step + int(i)));
        references[i].step(slabs[i].gradient, 0.375, step, values.learning_rates[i % 3],
                           slabs[i].weight_decay, options);
      }
      adamw_(slabs, to_tensor(values), options);
    }
    for (std::size_t i = 0; i < slabs.size(); ++i) {
      CHECK(test::largest_difference(slabs[i].parameter, references[i].p) < 2 * allowed);
      CHECK(test::largest_difference(slabs[i].mean, references[i].m) < allowed);
      CHECK(test::largest_difference(slabs[i].square, references[i].v) < allowed);
    }
  }
}

TEST_CASE("adamw_: a step that is skipped changes nothing") {
  const NoGrad no_grad;
  std::vector<AdamSlab> slabs{{uneven(9, 1), full({9}, NAN), zeros({9}), zeros({9}), 0.1}};
  Tensor values = to_tensor(test::step_at(1, 0.1));
  clip_(values, {slabs[0].gradient}, 1);
  adamw_(slabs, values);
  CHECK(test::same_bits(slabs[0].parameter, uneven(9, 1)));
  CHECK(test::same_bits(slabs[0].mean, zeros({9})));
  CHECK(test::same_bits(slabs[0].square, zeros({9})));
}

TEST_CASE("adamw_: saved tensors notice the update, and a parameter needs NoGrad") {
  std::vector<AdamSlab> slabs{{uneven(9, 1).set_requires_grad(), uneven(9, 2), zeros({9}), zeros({9})}};
  const Tensor values = to_tensor(test::step_at(1, 0.1));
  CHECK(test::error_of([&] { adamw_(slabs, values); }) ==
        "adamw_: in place on a tensor with history; got float32 [9] on cpu; expected a NoGrad scope around "
        "the update of a parameter");
  const Saved saved = save(slabs[0].parameter);
  {
    const NoGrad no_grad;
    adamw_(slabs, values);
  }
  CHECK_FALSE(test::error_of([&] { saved(); }).empty());
}

TEST_CASE("adamw_: runs on meta") {
  const NoGrad no_grad;
  const Tensor x = empty({5}, DType::float32, kMeta);
  std::vector<AdamSlab> slabs{{x, empty_like(x), empty_like(x), empty_like(x)}};
  CHECK_NOTHROW(adamw_(slabs, empty({kStepValues}, DType::float64, kMeta)));
}

TEST_CASE("adamw_: what does not fit is named") {
  const NoGrad no_grad;
  const Tensor values = to_tensor(test::step_at(1, 0.1)), x = zeros({4, 2});
  const auto error = [&](AdamSlab slab, const Tensor& of_step, const AdamOptions& options = {}) {
    std::vector<AdamSlab> slabs{{x, x, x, x}, slab};
    return test::error_of([&] { adamw_(slabs, of_step, options); });
  };
  CHECK(
      error({x, {}, x, x}, values) ==
      "adamw_: gradient 1 does not fit; got an undefined tensor; expected float32 [4, 2] on cpu, contiguous");
  CHECK(error({x, x, zeros({2, 4}).transposed(0, 1), x}, values) ==
        "adamw_: mean 1 does not fit; got float32 [4, 2] on cpu; expected float32 [4, 2] on cpu, contiguous");
  CHECK(error({x, x, x, zeros({8})}, values) ==
        "adamw_: square 1 does not fit; got float32 [8] on cpu; expected float32 [4, 2] on cpu, contiguous");
  CHECK(error({converted(x, DType::float64), x, x, x}, values) ==
        "adamw_: gradient 1 does not fit; got float32 [4, 2] on cpu; expected float64 [4, 2] on cpu, "
        "contiguous");
  CHECK(error({converted(x, DType::float16), x, x, x}, values) ==
        "adamw_: parameter 1 does not fit; got float16 [4, 2] on cpu; expected float32 [4, 2] on cpu, "
        "contiguous");
  CHECK(error({x, x, x, x, 0, 4}, values) == "adamw_: no such group of slab 1; got 4; expected 0 to 3");
  CHECK(error({x, x, x, x}, zeros({3})) ==
        "adamw_: no step values; got float32 [3] on cpu; expected float64 [9], contiguous");
  CHECK(error({x, x, x, x}, values, {.beta1 = 1}) ==
        "adamw_: betas out of range; got 1 and 0.999; expected 0 to below 1");
}

}  // namespace
}  // namespace uls
