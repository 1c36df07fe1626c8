// SPDX-License-Identifier: Apache-2.0
#include "models/golden_replay.h"

#include <algorithm>
#include <cmath>

#include "core/base/golden_bound.h"
#include "core/config/config_node.h"
#include "core/tensor/primitives.h"
#include "models/forward.h"
#include "models/full_size.h"
#include "models/weights.h"

namespace uls {
namespace {

// Keys in the files that describe rather than configure.
constexpr const char* kRemarks[] = {"layout"};

NamedTensors part_of(const NamedTensors& tensors, const std::string& prefix) {
  NamedTensors part;
  for (const auto& [name, x] : tensors)
    if (name.starts_with(prefix)) part[name.substr(prefix.size())] = x;
  return part;
}

// The kind whose inputs are those of the case: of several, the one that takes the most.
const NetworkKind& kind_of(const NamedTensors& tensors, const std::string& where) {
  const NetworkKind* best = nullptr;
  for (const NetworkKind& kind : network_kinds()) {
    const bool fits = kind.name != "clip" && std::ranges::all_of(kind.inputs, [&](const std::string& input) {
                        return tensors.contains("in." + input);
                      });
    if (fits && (!best || kind.inputs.size() > best->inputs.size())) best = &kind;
  }
  ULS_CHECK(best,
            "golden: {} is no case of a model or a part; got inputs of no known kind; expected in.image, "
            "in.words, in.tgt, in.feature0 or in.visual",
            where);
  return *best;
}

Json config_of(const Json& info) {
  Json config = Json::object();
  for (const auto& [key, value] : info.at("config").members())
    if (std::ranges::find(kRemarks, key) == std::end(kRemarks)) config.set(key, value);
  return config;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  const std::vector<double> x = to_doubles(a), y = to_doubles(b);
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double d = std::abs(x[i] - y[i]);
    if (!(d <= largest)) largest = std::isnan(d) ? INFINITY : d;
  }
  return largest;
}

bool is_result(const std::string& key) {
  return key.starts_with("out.") || key.starts_with("grad.") || key.starts_with("buffer_after.");
}

void replay_one(const Json& info, const NamedTensors& tensors, const std::string& folder,
                const std::string& where, std::vector<GoldenRow>& rows) {
  const NetworkKind& kind = kind_of(tensors, where);
  const auto network = kind.build(config_from_json(config_of(info)), {}, {});
  NamedTensors weights = part_of(tensors, "param.");
  for (const auto& [name, x] : part_of(tensors, "buffer.")) weights[name] = x;
  if (const Json* file = info.find("weights")) weights = weights_of_file(folder + "/" + file->as_string());
  require_complete(load_weights(network->parameters(), weights), where);

  const bool gradients =
      std::ranges::any_of(tensors, [](const auto& item) { return item.first.starts_with("grad."); });
  const bool training = info.at("train").as_bool();
  const NamedTensors ours = run_forward(
      *network, tensors, {.pass = {.training = training, .dropout = false}, .gradients = gradients});
  for (const auto& [key, expected] : tensors) {
    if (!is_result(key)) continue;
    const auto found = ours.find(key);
    ULS_CHECK(found != ours.end(),
              "golden: {} has a result that this model does not give; got '{}'; expected one of "
              "ours",
              where, key);
    ULS_CHECK(found->second.shape() == expected.shape(),
              "golden: {}: {} has another shape; got {}; expected {}", where, key,
              to_string(found->second.shape()), to_string(expected.shape()));
    GoldenRow row = golden_row(info, key);
    row.difference = largest_difference(found->second, expected);
    row.key = where.empty() ? key : where + "/" + key;
    rows.push_back(row);
  }
  for (const Json& name : info.at("without_gradient").items()) {
    ULS_CHECK(!ours.contains("grad.param." + name.as_string()),
              "golden: {}: a gradient where the reference has none; got one for {}; expected none", where,
              name.as_string());
  }
}

}  // namespace

GoldenRow golden_row(const Json& info, const std::string& key) {
  GoldenRow row{.key = key};
  const Json *noise = info.at("noise").find(key), *scale = info.at("scale").find(key);
  // Counters and other whole numbers have no noise.
  if (noise && scale) row.allowed = golden_bound(noise->as_double(), scale->as_double()).allowed();
  return row;
}

std::vector<GoldenRow> replay_golden_case(const std::string& folder, const std::string& name) {
  const std::string stem = folder + "/" + name;
  const Json info = read_json_file(stem + ".json");
  if (info.find("weights") && info.at("weights").is_array()) return replay_full_size(info, stem);
  const NamedTensors tensors = read_tensors(stem + ".safetensors");
  std::vector<GoldenRow> rows;
  if (const Json* cases = info.find("cases")) {
    for (const auto& [label, one] : cases->members())
      replay_one(one, part_of(tensors, label + "/"), folder, label, rows);
  } else {
    replay_one(info, tensors, folder, "", rows);
  }
  return rows;
}

}  // namespace uls
