// SPDX-License-Identifier: Apache-2.0
// Steps on the golden model: the losses that PyTorch saw.
#include <catch2/catch.hpp>

#include "core/cli/build_facts.h"
#include "tests/support/support.h"
#include "tests/train/golden_model.h"
#include "tests/train/peer_training.h"

namespace uls {
namespace {

TEST_CASE("training step: eight steps of AdamW give PyTorch's losses", "[golden]") {
  const std::string steps = test::golden_path("e2e_training"), batch = test::golden_path("e2e_train");
  if (steps.empty() || batch.empty()) {
    ULS_SKIP("golden", "no e2e_training.json and e2e_train.json in " + test::golden_places());
  }
  test::GoldenModel model(batch, DType::float32);
  test::check_golden_losses(steps, [&](std::int64_t i) { return model.run(i); });
}

TEST_CASE("training step: 50 steps in float64 are those of PyTorch", "[peer]") {
  const std::string batch = test::golden_path("e2e_train");
  if (batch.empty()) ULS_SKIP("golden", "no e2e_train.json in " + test::golden_places());
  if (build_facts().sanitizer != "none") ULS_SKIP("time", "too slow under a sanitizer");
  if (!test::has_peer()) ULS_SKIP("peer", "no Python with PyTorch in ULS_PEER");
  test::GoldenModel model(batch, DType::float64);
  test::check_peer_training(batch, 50, model.parameters(), [&](std::int64_t i) { return model.run(i); });
}

}  // namespace
}  // namespace uls
