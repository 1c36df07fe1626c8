// SPDX-License-Identifier: Apache-2.0
// A trained UniLSeg from whatever holds its weights, with what else predicting needs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/transforms/transform.h"
#include "models/unilseg/unilseg.h"

namespace uls {

struct LoadedModel {
  std::unique_ptr<Parameters> parameters{};
  std::unique_ptr<UniLSeg> model{};
  TransformConfig transform{};  // how pictures were prepared in training
  std::int64_t word_len = 17;   // tokens of a text
};

/// `checkpoint`: a run's folder (its best checkpoint, else its newest), a checkpoint's folder, its
/// model.safetensors, or weights of any other kind (.pth, .safetensors). Of a checkpoint's folder the
/// averages of weights are taken where training kept some. A checkpoint brings its config along. Weights
/// without one are those of the released model, recognised by their shapes and prepared for as it was, or of
/// the config that `model` names (a file, or "unilseg"); where both are there, `model` wins. `transform`:
/// "key=value" on top of the transform's config. Raises Error where the file is missing or its tensors are
/// not the model's, DataError for a config in it that cannot be read.
LoadedModel load_model(const std::string& checkpoint, const std::string& model = "",
                       const std::vector<std::string>& transform = {});

/// Whether each parameter of such a model is among the tensors of a file, in its shape. Nothing is read, and
/// no memory taken.
bool are_weights_of(const NamedTensors& weights, const UniLSegConfig& config);

}  // namespace uls
