// SPDX-License-Identifier: Apache-2.0
#include "train/step/gradient_norms.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "core/tensor/primitives.h"
#include "kernels/primitives/random/random.h"
#include "tests/eval/eval_fixture.h"
#include "train/step/training_step.h"

namespace uls {
namespace {

TEST_CASE("gradient norms: of each block the root of its parameters' squares, together the step's norm") {
  Parameters parameters({.seed = 1});
  const UniLSeg model = build_model<UniLSeg>(parameters, test::smallest_config());
  TrainingStep step(model, parameters, {});
  std::map<std::string, double> norms, expected;
  step.on_gradients([&] {
    norms = gradient_norms(parameters);
    for (const Parameter& p : parameters.all()) {
      if (!p.value.grad()) continue;
      double squares = 0;
      for (const double g : to_doubles(p.value.grad())) squares += g * g;
      expected[p.name.substr(0, p.name.find('.'))] += squares;
    }
  });
  TrainingBatch batch{
      .image = empty({2, 32, 32, 3}), .ids = zeros({2, 9}, DType::int64), .target = empty({2, 1, 8, 8})};
  fill_normal_(batch.image, 0, 1, {.key = {1, 0}});
  fill_uniform_(batch.target, 0, 1, {.key = {2, 0}});
  for (std::int64_t i = 0; i < 18; ++i) batch.ids.data<std::int64_t>()[i] = i % 9 == 8 ? 49407 : 1 + i;
  const StepResult result = step.run({batch}, 0);

  REQUIRE(norms.size() == 5);
  const auto fusion = expected["all_fusion_proj"] + expected["all_fusion_module"] + expected["fusion_proj"] +
                      expected["fusion"];
  CHECK(norms["image"] == Approx(std::sqrt(expected["backbone_visual"])).epsilon(1e-12));
  CHECK(norms["text"] == Approx(std::sqrt(expected["backbone"])).epsilon(1e-12));
  CHECK(norms["fusion"] == Approx(std::sqrt(fusion)).epsilon(1e-12));
  CHECK(norms["pixel_decoder"] == Approx(std::sqrt(expected["pixel_decoder"])).epsilon(1e-12));
  CHECK(norms["query_decoder"] == Approx(std::sqrt(expected["query_decoder"])).epsilon(1e-12));
  double squares = 0;
  for (const auto& [block, norm] : norms) {
    INFO(block);
    CHECK(norm > 0);
    squares += norm * norm;
  }
  CHECK(std::sqrt(squares) == Approx(result.gradient_norm).epsilon(1e-12));
}

}  // namespace
}  // namespace uls
