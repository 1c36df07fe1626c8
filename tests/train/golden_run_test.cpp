// SPDX-License-Identifier: Apache-2.0
// The golden training as a run's configuration tells it.
#include <catch2/catch.hpp>

#include "tests/support/support.h"
#include "tests/train/golden_model.h"
#include "train/config/train_config.h"
#include "train/init.h"

namespace uls {
namespace {

TEST_CASE("train config: what e2e_training.json describes gives its eight losses", "[golden]") {
  const std::string steps = test::golden_path("e2e_training"), batch = test::golden_path("e2e_train");
  if (steps.empty() || batch.empty())
    ULS_SKIP("golden", "no e2e_training.json and e2e_train.json in " + test::golden_places());
  const Json info = read_json_file(batch + ".json");
  TrainConfig config;
  train_table().load(config, config_from_json(Json::object({{"model", info.at("config")}})));
  for (const char* assignment :
       {"steps=8", "model.dropout=0", "model.drop_path_rate=0", "optimizer.kind=adamw", "optimizer.lr=1e-3",
        "optimizer.backbone_factor=1", "optimizer.weight_decay=0.01", "optimizer.max_norm=1",
        "schedule.kind=constant", "loss.bce=1", "loss.dice=1"})
    train_table().set(config, assignment);
  config.init = {test::golden_weights(batch, info)};

  Parameters parameters({.seed = std::uint64_t(config.seed)});
  const auto model = build_model<UniLSeg>(parameters, config.model);
  init_weights(parameters, config.init);
  TrainingStep step(model, parameters, config.step_options());
  const TrainingBatch samples = test::golden_batch(batch, DType::float32);
  test::check_golden_losses(
      steps, [&](std::int64_t i) { return step.run({samples}, i, config.schedule.factor(i, config.steps)); });
}

}  // namespace
}  // namespace uls
