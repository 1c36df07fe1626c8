// SPDX-License-Identifier: Apache-2.0
// Steps on the golden model: the losses that PyTorch saw.
#include <catch2/catch.hpp>

#include <cmath>

#include "core/cli/build_facts.h"
#include "core/config/settings.h"
#include "core/io/safetensors.h"
#include "tests/core/io_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"
#include "tests/train/golden_model.h"

namespace uls {
namespace {

TEST_CASE("training step: eight steps of AdamW give PyTorch's losses", "[golden]") {
  const std::string steps = test::golden_path("e2e_training"), batch = test::golden_path("e2e_train");
  if (steps.empty() || batch.empty()) {
    ULS_SKIP("golden", "no e2e_training.json and e2e_train.json in " + test::golden_places());
  }
  const Json expected = read_json_file(steps + ".json");
  test::GoldenModel model(batch, DType::float32);
  const Json::Array& losses = expected.at("loss").items();
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double loss = losses[i].as_double(),
                 norm = expected.at("grad_norm_before_clip")[std::int64_t(i)].as_double();
    const StepResult result = model.run();
    // 1e-4 at the first step, 5 % at the eighth, by a constant factor between.
    const double tolerance = 1e-4 * std::pow(500.0, double(i) / double(losses.size() - 1));
    INFO("step " << i + 1);
    CHECK(result.loss == Approx(loss).epsilon(tolerance));
    // Norms of the later steps, near the minimum, are mostly the difference of two paths.
    if (i < losses.size() / 2) CHECK(result.gradient_norm == Approx(norm).epsilon(10 * tolerance));
    CHECK_FALSE(result.skipped);
  }
}

TEST_CASE("training step: 50 steps in float64 are those of PyTorch", "[peer]") {
  const std::string batch = test::golden_path("e2e_train");
  if (batch.empty()) ULS_SKIP("golden", "no e2e_train.json in " + test::golden_places());
  if (build_facts().sanitizer != "none") ULS_SKIP("time", "too slow under a sanitizer");
  if (!test::has_peer()) ULS_SKIP("peer", "no Python with PyTorch in ULS_PEER");
  test::GoldenModel model(batch, DType::float64);
  std::vector<double> losses, norms;
  for (int i = 0; i < 50; ++i) {
    const StepResult result = model.run();
    losses.push_back(result.loss);
    norms.push_back(result.gradient_norm);
  }
  NamedTensors ours{{"loss", from_values({50}, losses)}, {"gradient_norm", from_values({50}, norms)}};
  for (const auto& [name, x] : state_dict(model.parameters())) ours["state." + name] = x;
  const test::Folder folder;
  write_safetensors(folder / "ours.safetensors", {ours.begin(), ours.end()});
  const test::ProcessResult compared =
      test::run_process({settings().peer, ULS_SOURCE_DIR "/scripts/peers/check_training.py", batch,
                         folder / "ours.safetensors"});
  INFO(compared.out << compared.err);
  CHECK(compared.code == 0);
}

}  // namespace
}  // namespace uls
