// SPDX-License-Identifier: Apache-2.0
#include "eval/model_file.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>

#include "core/base/log.h"
#include "core/io/weights_file.h"
#include "data/format/data_error.h"
#include "eval/run_folder.h"
#include "models/model_config.h"
#include "models/weights.h"

namespace uls {
namespace {

struct ModelSettings {
  UniLSegConfig model{};
  TransformConfig transform{};
  std::int64_t word_len = 17;
};

namespace fs = std::filesystem;

std::string weights_path(const std::string& checkpoint) {
  ULS_CHECK(fs::exists(checkpoint),
            "checkpoint: nothing there; got '{}'; expected a checkpoint's folder or a file of weights",
            checkpoint);
  if (!fs::is_directory(checkpoint)) return checkpoint;
  const std::string path = (fs::path(checkpoint) / "model.safetensors").string();
  ULS_CHECK(
      fs::exists(path),
      "checkpoint: no checkpoint; got the folder '{}' without model.safetensors; expected that of a run "
      "with checkpoints, or one such as RUN/checkpoints/step-00000200",
      checkpoint);
  return path;
}

// The averages of weights in a checkpoint's folder, which training scores and calls the best, replace the
// weights that it goes on from.
void take_averages(const std::string& checkpoint, NamedTensors& weights) {
  constexpr std::string_view kAverage = "average.";
  const std::string path = (fs::path(checkpoint) / "train.safetensors").string();
  if (!fs::exists(path)) return;
  for (const auto& [name, x] : read_tensors(path))
    if (name.starts_with(kAverage)) weights[name.substr(kAverage.size())] = x;
}

// Of a run's folder the checkpoint that speaks for it; anything else as it is.
std::string checkpoint_of(const std::string& path) {
  const std::string chosen = chosen_checkpoint(path);
  if (chosen.empty()) return path;
  log_info("checkpoint: {}", chosen);
  return chosen;
}

// The config that a checkpoint carries, or null.
Json config_of(const std::string& path) {
  const std::map<std::string, std::string> metadata = open_weights(path).metadata;
  const auto config = metadata.find("config");
  return config == metadata.end() ? Json() : Json::parse(config->second, path + ": config");
}

ModelSettings settings_of(const Json& config) {
  ModelSettings settings;
  unilseg_table().load(settings.model, config_from_json(config.at("model")));
  transform_table().load(settings.transform, config_from_json(config.at("data").at("transform")));
  settings.word_len = config.at("data").at("word_len").as_int64();
  return settings;
}

UniLSegConfig named_config(const std::string& model) {
  const ModelConfig named = read_model_config(model, "", {});
  ULS_CHECK(named.kind->name == "unilseg",
            "checkpoint: --model is not the whole model; got {} of '{}'; "
            "expected unilseg",
            named.kind->name, model);
  UniLSegConfig config;
  unilseg_table().load(config, named.node);
  return config;
}

}  // namespace

bool are_weights_of(const NamedTensors& weights, const UniLSegConfig& config) {
  Parameters parameters({.device = kMeta});
  build_model<UniLSeg>(parameters, config);
  return std::ranges::all_of(parameters.all(), [&](const Parameter& p) {
    const auto found = weights.find(p.name);
    return found != weights.end() && found->second.shape() == file_shape(p.value.shape(), p.layout);
  });
}

LoadedModel load_model(const std::string& given, const std::string& model,
                       const std::vector<std::string>& transform) {
  const std::string checkpoint = checkpoint_of(given);
  const std::string path = weights_path(checkpoint);
  const Json config = config_of(path);
  ModelSettings settings;
  if (!config.is_null()) settings = as_data_error([&] { return settings_of(config); });
  if (!model.empty()) settings.model = named_config(model);
  for (const std::string& assignment : transform) transform_table().set(settings.transform, assignment);

  NamedTensors weights = weights_of_file(path);
  take_averages(checkpoint, weights);
  ULS_CHECK(!config.is_null() || !model.empty() || are_weights_of(weights, settings.model),
            "checkpoint: cannot tell which model this is; got {} tensors in '{}' that are not the released "
            "model's; expected those, a checkpoint of ours, or --model with its config",
            weights.size(), path);
  LoadedModel loaded{.parameters = std::make_unique<Parameters>(ParameterOptions{}),
                     .transform = settings.transform,
                     .word_len = settings.word_len};
  loaded.model = std::make_unique<UniLSeg>(build_model<UniLSeg>(*loaded.parameters, settings.model));
  require_complete(load_weights(*loaded.parameters, weights), path);
  log_debug("{}: {} parameters, pictures {} at {} pixels, texts of {} tokens", path,
            loaded.parameters->count(), settings.transform.preset, settings.transform.size,
            settings.word_len);
  return loaded;
}

}  // namespace uls
