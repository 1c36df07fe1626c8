// SPDX-License-Identifier: Apache-2.0
#include "train/step/gradient_norms.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/train/small_model.h"

namespace uls {
namespace {

TEST_CASE("gradient norms: of each block the root of its parameters' squares, together the step's norm") {
  test::SmallTraining training(test::small_config(), {});
  const Parameters& parameters = training.parameters;
  std::map<std::string, double> norms, expected;
  training.step.on_gradients([&] {
    norms = gradient_norms(parameters);
    for (const Parameter& p : parameters.all()) {
      if (!p.value.grad()) continue;
      double squares = 0;
      for (const double g : to_doubles(p.value.grad())) squares += g * g;
      expected[p.name.substr(0, p.name.find('.'))] += squares;
    }
  });
  const StepResult result = training.step.run({test::small_batch(2, 1)}, 0);

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
