// SPDX-License-Identifier: Apache-2.0
// Steps of several micro-batches, and averages of weights.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "core/autograd/grad_mode.h"
#include "core/random/random_state.h"
#include "kernels/primitives/concat/concat.h"
#include "models/weights.h"
#include "tests/support/support.h"
#include "tests/train/small_model.h"

namespace uls {
namespace {

using test::small_batch;
using test::SmallTraining;

// A batch with all samples of `batch` twice.
TrainingBatch doubled(const TrainingBatch& batch) {
  const auto twice = [](const Tensor& x) { return concat({x, x}, 0); };
  return {.image = twice(batch.image), .ids = twice(batch.ids), .target = twice(batch.target)};
}

TEST_CASE("micro-batches: a step of two is the step of their samples at once, apart from batch statistics") {
  // Both micro-batches are the same samples, so that statistics of one are those of all; draws, which differ
  // from sample to sample, are off.
  UniLSegConfig config = test::small_config();
  config.dropout = config.swin.drop_path_rate = 0;
  const StepOptions options{.optimizer = {.learning_rate = 1e-3, .backbone_factor = 1}};
  SmallTraining split(config, options, DType::float64), whole(config, options, DType::float64);
  for (std::uint32_t i = 0; i < 3; ++i) {
    const TrainingBatch batch = small_batch(4, i, DType::float64);
    const StepResult ours = split.step.run({batch, batch}, i), theirs = whole.step.run({doubled(batch)}, i);
    CHECK(ours.loss == Approx(theirs.loss).epsilon(1e-12));
    CHECK(ours.gradient_norm == Approx(theirs.gradient_norm).epsilon(1e-10));
    CHECK(test::largest_difference(ours.parts, theirs.parts) < 1e-12);
  }
  for (std::size_t i = 0; i < split.parameters.all().size(); ++i) {
    INFO(split.parameters.all()[i].name);
    CHECK(test::largest_difference(split.parameters.all()[i].value, whole.parameters.all()[i].value) < 1e-9);
  }
}

TEST_CASE("micro-batches: losses are means over samples, draws those of the samples in the step") {
  UniLSegConfig config = test::small_config();
  config.dropout = config.swin.drop_path_rate = 0.3;
  SmallTraining training(config, {.seed = 7}, DType::float64);
  const TrainingBatch first = small_batch(3, 1, DType::float64), second = small_batch(5, 2, DType::float64);
  const auto loss = [&](const TrainingBatch& batch, std::int64_t first_sample) {
    RandomState::current().begin_step(7, 2, first_sample);
    const UniLSeg::Output out = training.model(batch.image, batch.ids, {.training = true});
    return to_doubles(mask_loss(out.queries, out.pixels, batch.target).total)[0];
  };
  CHECK(std::abs(loss(second, 3) - loss(second, 0)) > 1e-6);
  const double expected = (3 * loss(first, 0) + 5 * loss(second, 3)) / 8;
  CHECK(training.step.run({first, second}, 2, 0).loss == Approx(expected).epsilon(1e-12));
}

TEST_CASE("average of weights: over four steps by its formula, for evaluation alone") {
  SmallTraining training(test::small_config(), {.optimizer = {.learning_rate = 1e-2}, .ema = 0.15});
  const std::vector<ParameterSlab>& slabs = training.parameters.slabs();
  const auto weights = [&] {
    std::vector<double> values;
    for (const ParameterSlab& slab : slabs)
      for (const double x : to_doubles(slab.values)) values.push_back(x);
    return values;
  };
  const auto averages = [&] {
    const AveragedWeights averaged = training.step.averaged();
    return weights();
  };
  CHECK(averages() == weights());  // before the first step
  std::vector<double> expected;
  for (int step = 1; step <= 4; ++step) {
    training.step.run({small_batch(2, std::uint32_t(step))}, step);
    const std::vector<double> now = weights();
    const double decay = std::min(0.15, (step - 1) / (step + 8.0));
    if (step == 1) expected = now;
    for (std::size_t i = 0; i < now.size(); ++i) expected[i] = decay * expected[i] + (1 - decay) * now[i];
    const std::vector<double> ours = averages();
    CHECK(weights() == now);
    double gap = 0;
    for (std::size_t i = 0; i < now.size(); ++i) gap = std::max(gap, std::abs(ours[i] - expected[i]));
    CHECK(gap < 1e-6);
  }
  const std::vector<double> before = averages(), kept = weights();
  CHECK(before != kept);
  TrainingBatch bad = small_batch(2, 9);
  fill_(bad.image, std::numeric_limits<double>::quiet_NaN());
  CHECK(training.step.run({bad}, 5).skipped);
  CHECK(training.step.steps() == 4);
  CHECK(weights() == kept);
  CHECK(averages() == before);
}

TEST_CASE("training step: goes on from its state, bit for bit") {
  const StepOptions options{.ema = 0.9};
  SmallTraining before(test::small_config(), options), after(test::small_config(), options);
  for (int step = 0; step < 2; ++step) before.step.run({small_batch(2, 1)}, step);
  require_complete(load_weights(after.parameters, state_dict(before.parameters)), "copy");
  const NamedTensors state = before.step.state();
  CHECK(state.size() == 3 * before.parameters.all().size());
  for (const Parameter& p : before.parameters.all())
    CHECK(state.at("average." + p.name).shape() == file_shape(p.value.shape(), p.layout));
  after.step.restore(state, before.step.steps());
  before.step.run({small_batch(2, 2)}, 2);
  after.step.run({small_batch(2, 2)}, 2);
  const NamedTensors ours = after.step.state();
  for (const auto& [name, x] : before.step.state()) CHECK(test::same_bits(ours.at(name), x));
}

}  // namespace
}  // namespace uls
