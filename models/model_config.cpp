// SPDX-License-Identifier: Apache-2.0
#include "models/model_config.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "core/config/inheritance.h"
#include "models/unilseg/config.h"

namespace uls {
namespace {

struct PartOfWhole {
  std::string prefix;                          // of its names
  std::map<std::string, std::string> renamed;  // its keys that the whole calls otherwise
};

const std::map<std::string, PartOfWhole>& parts() {
  static const std::map<std::string, PartOfWhole> table{
      {"swin", {"backbone_visual.", {}}},
      {"text", {"backbone.", {}}},
      {"fusion", {"fusion.", {{"d_model", "fusion_dim"}}}},
      {"pixel_decoder",
       {"pixel_decoder.",
        {{"channels", "pixel_decoder_in"},
         {"conv_dim", "pixel_decoder_conv"},
         {"mask_dim", "pixel_decoder_mask"},
         {"ffn", "pixel_ffn"}}}},
      {"query_decoder",
       {"query_decoder.", {{"ffn", "query_ffn"}, {"in_visual", "visual_in"}, {"in_text", "text_in"}}}},
  };
  return table;
}

bool is_network(const std::string& name) {
  return std::ranges::any_of(network_kinds(), [&](const NetworkKind& kind) { return kind.name == name; });
}

ConfigNode read_file(const std::string& path) {
  ULS_CHECK(std::filesystem::exists(path),
            "model: no such config file or network; got '{}'; expected a path, or a "
            "name such as unilseg",
            path);
  return path.ends_with(".json") ? config_from_json(read_json_file(path)) : read_config(path);
}

// Takes the key `model` out of the map.
std::string take_network_name(ConfigNode& node) {
  for (auto entry = node.entries.begin(); entry != node.entries.end(); ++entry)
    if (entry->key == "model") {
      const std::string name = entry->value.text;
      node.entries.erase(entry);
      return name;
    }
  return "unilseg";
}

bool has_key(const Schema& schema, const ConfigEntry& entry) {
  return std::ranges::any_of(schema.fields(), [&](const Field& f) { return f.name == entry.key; });
}

bool has_only_keys_of(const Schema& schema, const ConfigNode& node) {
  return std::ranges::all_of(node.entries, [&](const ConfigEntry& e) { return has_key(schema, e); });
}

bool is_network_file(const ConfigNode& file) {
  if (const ConfigNode* model = file.find("model")) return model->kind == ConfigNode::Kind::scalar;
  return std::ranges::any_of(file.entries, [](const ConfigEntry& e) { return has_key(unilseg_table(), e); });
}

// Built on meta, which takes no memory, and so checked as a whole.
Json resolved_network(const std::string& path, const std::vector<std::string>& overrides) {
  const ModelConfig config = read_model_config(path, "", overrides);
  Json json = Json::object({{"model", config.kind->name}});
  const Json keys = config.build({.device = kMeta})->config();
  for (const auto& [key, value] : keys.members()) json.set(key, value);
  return json;
}

Json config_of_part(const NetworkKind& kind, const PartOfWhole& part, const UniLSegConfig& whole) {
  const Json all = unilseg_table().to_json(whole);
  Json config = Json::object();
  for (const Field& field : kind.schema->fields()) {
    const auto renamed = part.renamed.find(field.name);
    if (const Json* value = all.find(renamed == part.renamed.end() ? field.name : renamed->second))
      config.set(field.name, *value);
  }
  return config;
}

}  // namespace

ModelConfig read_model_config(const std::string& model, const std::string& part,
                              const std::vector<std::string>& overrides) {
  ModelConfig config{.node = config_from_json(Json::object()), .overrides = overrides};
  std::string name = model;
  if (!is_network(model)) {
    config.node = read_file(model);
    name = take_network_name(config.node);
  }
  config.kind = &network_kind(part.empty() ? name : part);
  if (part.empty() || part == name) return config;

  const auto found = parts().find(part);
  ULS_CHECK(name == "unilseg" && found != parts().end(),
            "forward: no part of that name; got '{}' of {}; expected swin, text, fusion, pixel_decoder or "
            "query_decoder of unilseg",
            part, name);
  config.prefix = found->second.prefix;
  if (!config.node.entries.empty() && has_only_keys_of(*config.kind->schema, config.node)) return config;
  UniLSegConfig whole;
  unilseg_table().load(whole, config.node);
  for (const std::string& assignment : overrides) unilseg_table().set(whole, assignment);
  config.node = config_from_json(config_of_part(*config.kind, found->second, whole));
  config.overrides.clear();
  return config;
}

NamedTensors weights_of_part(const NamedTensors& weights, const ModelConfig& config) {
  if (config.prefix.empty()) return weights;
  NamedTensors part;
  for (const auto& [name, x] : weights)
    if (name.starts_with(config.prefix)) part[name.substr(config.prefix.size())] = x;
  return part.empty() ? weights : part;
}

ConfigFileKind network_file_kind() {
  return {.name = "network", .fits = is_network_file, .resolved = resolved_network};
}

}  // namespace uls
