// SPDX-License-Identifier: Apache-2.0
// The golden model and its batch, with the optimizer that e2e_training.json describes.
#pragma once

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

#include "core/json/json.h"
#include "core/tensor/primitives.h"
#include "models/weights.h"
#include "train/step/training_step.h"

namespace uls::test {

/// Of the case PATH.json and PATH.safetensors:
inline TrainingBatch golden_batch(const std::string& path, DType dtype) {
  const NamedTensors tensors = read_tensors(path + ".safetensors");
  return {.image = clone(converted(tensors.at("in.image"), dtype).permuted({0, 2, 3, 1})),
          .ids = tensors.at("in.words"),
          .target = converted(tensors.at("in.target"), dtype)};
}

/// The file of its weights; info: what is in PATH.json.
inline std::string golden_weights(const std::string& path, const Json& info) {
  return path.substr(0, path.find_last_of('/') + 1) + info.at("weights").as_string();
}

/// The steps run(0), run(1) ... against PATH.json, such as e2e_training.json.
template <typename Run>
void check_golden_losses(const std::string& path, Run run) {
  const Json expected = read_json_file(path + ".json");
  const Json::Array& losses = expected.at("loss").items();
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double loss = losses[i].as_double(),
                 norm = expected.at("grad_norm_before_clip")[std::int64_t(i)].as_double();
    const StepResult result = run(std::int64_t(i));
    // 1e-4 at the first step, 5 % at the eighth, by a constant factor between.
    const double tolerance = 1e-4 * std::pow(500.0, double(i) / double(losses.size() - 1));
    INFO("step " << i + 1);
    CHECK(result.loss == Approx(loss).epsilon(tolerance));
    // Norms of the later steps, near the minimum, are mostly the difference of two paths.
    if (i < losses.size() / 2) CHECK(result.gradient_norm == Approx(norm).epsilon(10 * tolerance));
    CHECK_FALSE(result.skipped);
  }
}

/// In training and without draws.
class GoldenModel {
 public:
  GoldenModel(const std::string& path, DType dtype)
      : parameters_({.dtype = dtype}),
        model_(build(path)),
        step_(model_, parameters_, options()),
        batch_(golden_batch(path, dtype)) {}

  /// The next step, always on the same batch.
  StepResult run(std::int64_t number) { return step_.run({batch_}, number); }
  const Parameters& parameters() const { return parameters_; }

  static StepOptions options() {
    return {
        .optimizer = {.learning_rate = 1e-3, .backbone_factor = 1, .weight_decay = 0.01, .max_norm = 1.0}};
  }

 private:
  UniLSeg build(const std::string& path) {
    const Json info = read_json_file(path + ".json");
    UniLSegConfig config;
    unilseg_table().load(config, config_from_json(info.at("config")));
    config.dropout = config.swin.drop_path_rate = 0;
    UniLSeg model = build_model<UniLSeg>(parameters_, config);
    const std::string weights = golden_weights(path, info);
    require_complete(load_weights(parameters_, weights_of_file(weights)), weights);
    return model;
  }

  Parameters parameters_;
  UniLSeg model_;
  TrainingStep step_;
  TrainingBatch batch_;
};

}  // namespace uls::test
