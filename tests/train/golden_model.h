// SPDX-License-Identifier: Apache-2.0
// The golden model and its batch, with the optimizer that e2e_training.json describes.
#pragma once

#include <string>

#include "core/json/json.h"
#include "core/tensor/primitives.h"
#include "models/weights.h"
#include "train/step/training_step.h"

namespace uls::test {

class GoldenModel {
 public:
  /// Of the case PATH.json and PATH.safetensors, in training and without draws.
  GoldenModel(const std::string& path, DType dtype)
      : parameters_({.dtype = dtype}), model_(build(path)), step_(model_, parameters_, options()) {
    const NamedTensors tensors = read_tensors(path + ".safetensors");
    batch_ = {.image = clone(converted(tensors.at("in.image"), dtype).permuted({0, 2, 3, 1})),
              .ids = tensors.at("in.words"),
              .target = converted(tensors.at("in.target"), dtype)};
  }

  /// The next step, always on the same batch.
  StepResult run() { return step_.run({batch_}, 0); }
  const Parameters& parameters() const { return parameters_; }

 private:
  static StepOptions options() {
    return {
        .optimizer = {.learning_rate = 1e-3, .backbone_factor = 1, .weight_decay = 0.01, .max_norm = 1.0}};
  }
  UniLSeg build(const std::string& path) {
    const Json info = read_json_file(path + ".json");
    UniLSegConfig config;
    unilseg_table().load(config, config_from_json(info.at("config")));
    config.dropout = config.swin.drop_path_rate = 0;
    UniLSeg model = build_model<UniLSeg>(parameters_, config);
    const std::string weights = path.substr(0, path.find_last_of('/') + 1) + info.at("weights").as_string();
    require_complete(load_weights(parameters_, weights_of_file(weights)), weights);
    return model;
  }

  Parameters parameters_;
  UniLSeg model_;
  TrainingStep step_;
  TrainingBatch batch_;
};

}  // namespace uls::test
