// SPDX-License-Identifier: Apache-2.0
#include "train/step/optimizer.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/reduce/reduce.h"
#include "models/layers/linear_layer.h"
#include "tests/support/support.h"

namespace uls {
namespace {

struct Layers {
  struct Config {};
  Linear tower, head;
  Layers(const ModelBuilder& builder, const Config&)
      : tower(builder / "backbone", 4, 3), head(builder / "head", 3, 2) {}
};

struct Training {
  Parameters parameters{{.seed = 1}};
  Layers model = build_model<Layers>(parameters, Layers::Config{});
  std::vector<std::shared_ptr<GradientBucket>> buckets = make_gradient_buckets(parameters);
  Optimizer optimizer;

  explicit Training(const OptimizerOptions& options) : optimizer(parameters, options) {}

  // The gradient of each parameter is twice its value.
  StepValues update(std::int64_t step, double rate_factor) {
    for (const Parameter& p : parameters.all()) backward(sum(square(p.value)));
    const StepValues values = optimizer.update(buckets, step, rate_factor);
    parameters.clear_gradients();
    for (const auto& bucket : buckets) bucket->release();
    return values;
  }
  NamedTensors moments() const {
    NamedTensors tensors;
    optimizer.save(tensors);
    return tensors;
  }
};

TEST_CASE("optimizer: SGD with momentum over two steps; clips all, decays matrices, slows the backbone") {
  Training training({.kind = OptimizerKind::sgd,
                     .sgd = {.momentum = 0.5},
                     .learning_rate = 0.2,
                     .backbone_factor = 0.3,
                     .weight_decay = 0.25,
                     .max_norm = 1.5});
  const std::vector<Parameter>& parameters = training.parameters.all();
  std::map<std::string, std::vector<double>> weights, momentum;
  for (const Parameter& p : parameters) {
    weights[p.name] = to_doubles(p.value);
    momentum[p.name].resize(weights[p.name].size());
  }
  for (int step = 1; step <= 2; ++step) {
    double squares = 0;
    for (const auto& [name, values] : weights)
      for (const double w : values) squares += 4 * w * w;
    const double factor = 1.5 / std::sqrt(squares);
    REQUIRE(factor < 1);
    CHECK(training.update(step, 1.0 / step).gradient_norm == Approx(std::sqrt(squares)).epsilon(1e-6));
    for (const Parameter& p : parameters) {
      const double rate = 0.2 / step * (p.name.starts_with("backbone") ? 0.3 : 1),
                   decay = p.name.ends_with("weight") ? 0.25 : 0;
      std::vector<double>& w = weights[p.name];
      for (std::size_t i = 0; i < w.size(); ++i) {
        double& m = momentum[p.name][i];
        m = 0.5 * m + 2 * w[i] * factor + decay * w[i];
        w[i] -= rate * m;
      }
      INFO(p.name << ", step " << step);
      CHECK(test::largest_difference(p.value, from_values(p.value.shape(), w)) < 1e-6);
    }
  }
  const NamedTensors saved = training.moments();
  REQUIRE(saved.size() == parameters.size());
  for (const auto& [name, m] : momentum) {
    const Tensor& ours = saved.at("momentum." + name);
    CHECK(test::largest_difference(ours, from_values(ours.shape(), m)) < 1e-6);
  }
}

TEST_CASE("optimizer: goes on from its moments, bit for bit") {
  for (const OptimizerOptions& options :
       {OptimizerOptions{},
        OptimizerOptions{.kind = OptimizerKind::sgd, .sgd = {.momentum = 0.9, .nesterov = true}},
        OptimizerOptions{.kind = OptimizerKind::sgd}}) {
    Training before(options), after(options);
    before.update(1, 1);
    before.update(2, 1);
    after.optimizer.restore(before.moments());
    const std::vector<ParameterSlab>&from = before.parameters.slabs(), &to = after.parameters.slabs();
    for (std::size_t i = 0; i < from.size(); ++i) {
      const NoGrad no_grad;
      Tensor values = to[i].values;
      copy_(values, from[i].values);
    }
    before.update(3, 1);
    after.update(3, 1);
    for (std::size_t i = 0; i < from.size(); ++i) CHECK(test::same_bits(to[i].values, from[i].values));
  }
}

TEST_CASE("optimizer: moments that do not fit are named") {
  Training training(OptimizerOptions{});
  NamedTensors saved = training.moments();
  saved["square.head.bias"] = zeros({5});
  CHECK(test::error_of([&] { training.optimizer.restore(saved); }) ==
        "training step: square.head.bias does not fit; got [5]; expected [2]");
  saved.erase("square.head.bias");
  CHECK(test::error_of([&] { training.optimizer.restore(saved); }) ==
        "training step: the state is incomplete; got no square.head.bias; expected one");
}

}  // namespace
}  // namespace uls
