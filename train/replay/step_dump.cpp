// SPDX-License-Identifier: Apache-2.0
#include "train/replay/step_dump.h"

#include <filesystem>

#include "core/base/error.h"
#include "core/config/config_node.h"
#include "core/io/at_place.h"
#include "core/io/safetensors.h"
#include "models/weights.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBatch = "/batch.safetensors";
constexpr const char* kStep = "/step.json";

}  // namespace

TrainConfig StepDump::config() const {
  TrainConfig config;
  train_table().load(config, config_from_json(before.config));
  return config;
}

std::string name_of(const BatchItem& item) {
  return fmt::format("{}, target {} of {}: {}", item.sample, item.target, item.set, item.text);
}

std::string write_step_dump(const std::string& run, const StepDump& dump) {
  const std::string path = fmt::format("{}/dumps/step-{:08}", run, dump.before.step + 1);
  fs::remove_all(path);
  write_checkpoint(path, dump.before);
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (std::size_t i = 0; i < dump.micro_batches.size(); ++i) {
    const TrainingBatch& batch = dump.micro_batches[i];
    tensors.emplace_back(fmt::format("{}.image", i), batch.image);
    tensors.emplace_back(fmt::format("{}.ids", i), batch.ids);
    tensors.emplace_back(fmt::format("{}.target", i), batch.target);
  }
  write_safetensors(path + kBatch, tensors);
  Json samples = Json::array();
  for (const std::string& sample : dump.samples) samples.push_back(sample);
  write_json_file(path + kStep, Json::object({{"micro_batches", std::int64_t(dump.micro_batches.size())},
                                              {"seen", dump.seen},
                                              {"samples", samples}}));
  return path;
}

StepDump read_step_dump(const std::string& path) {
  StepDump dump{.before = read_checkpoint(path)};
  return at_place("dump " + path, [&] {
    const Json step = read_json_file(path + kStep);
    dump.seen = step.at("seen").as_string();
    for (const Json& sample : step.at("samples").items()) dump.samples.push_back(sample.as_string());
    const NamedTensors tensors = read_tensors(path + kBatch);
    for (std::int64_t i = 0; i < step.at("micro_batches").as_int64(); ++i) {
      const auto tensor = [&](const char* name) {
        const auto found = tensors.find(fmt::format("{}.{}", i, name));
        ULS_CHECK(found != tensors.end(), "{} has no {}.{}", kBatch + 1, i, name);
        return found->second;
      };
      dump.micro_batches.push_back(
          {.image = tensor("image"), .ids = tensor("ids"), .target = tensor("target")});
    }
    return dump;
  });
}

}  // namespace uls
