// SPDX-License-Identifier: Apache-2.0
// Steps on the golden model: the losses that PyTorch saw.
#include <catch2/catch.hpp>

#include <cmath>

#include "core/tensor/primitives.h"
#include "models/weights.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"
#include "train/step/training_step.h"

namespace uls {
namespace {

TEST_CASE("training step: eight steps of AdamW give PyTorch's losses", "[golden]") {
  const std::string steps = test::golden_path("e2e_training"), batch = test::golden_path("e2e_train");
  if (steps.empty() || batch.empty()) {
    ULS_SKIP("golden", "no e2e_training.json and e2e_train.json in " + test::golden_places());
  }
  const Json expected = read_json_file(steps + ".json"), info = read_json_file(batch + ".json");
  UniLSegConfig config;
  unilseg_table().load(config, config_from_json(info.at("config")));
  config.dropout = config.swin.drop_path_rate = 0;
  Parameters parameters({});
  const UniLSeg model = build_model<UniLSeg>(parameters, config);
  const std::string folder = batch.substr(0, batch.find_last_of('/'));
  require_complete(load_weights(parameters, weights_of_file(folder + "/" + info.at("weights").as_string())),
                   "test");
  const NamedTensors tensors = read_tensors(batch + ".safetensors");
  const TrainingBatch same{.image = clone(tensors.at("in.image").permuted({0, 2, 3, 1})),
                           .ids = tensors.at("in.words"),
                           .target = tensors.at("in.target")};
  // What the file's "optimizer" says.
  TrainingStep step(model, parameters,
                    {.learning_rate = 1e-3, .backbone_factor = 1, .weight_decay = 0.01, .max_norm = 1.0});
  const Json::Array& losses = expected.at("loss").items();
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double loss = losses[i].as_double(),
                 norm = expected.at("grad_norm_before_clip")[std::int64_t(i)].as_double();
    const StepResult result = step.run(same);
    // 1e-4 at the first step, 5 % at the eighth, by a constant factor between.
    const double tolerance = 1e-4 * std::pow(500.0, double(i) / double(losses.size() - 1));
    INFO("step " << i + 1);
    CHECK(result.loss == Approx(loss).epsilon(tolerance));
    // Norms of the later steps, near the minimum, are mostly the difference of two paths.
    if (i < losses.size() / 2) CHECK(result.gradient_norm == Approx(norm).epsilon(10 * tolerance));
    CHECK_FALSE(result.skipped);
  }
}

}  // namespace
}  // namespace uls
