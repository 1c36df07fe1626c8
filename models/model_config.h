// SPDX-License-Identifier: Apache-2.0
// Which network a config file, or a name, stands for.
#pragma once

#include <string>
#include <vector>

#include "core/config_command.h"
#include "models/registry.h"

namespace uls {

struct ModelConfig {
  const NetworkKind* kind = nullptr;
  ConfigNode node{};
  std::vector<std::string> overrides{};  // "key=value", of the node's keys
  std::string prefix{};                  // of the part's names in weights of the whole model

  std::unique_ptr<Network> build(const ParameterOptions& options) const {
    return kind->build(node, overrides, options);
  }
};

/// `model`: a file (YAML with bases, or JSON by its ending), whose key `model` names the network ("unilseg"
/// where it has none) and whose other keys are the network's; or the name of a network, with its defaults.
/// `part`: "" or the name of a part: the config's keys are then those of the part, or of the whole model,
/// from which the part's follow. overrides: "key=value".
ModelConfig read_model_config(const std::string& model, const std::string& part,
                              const std::vector<std::string>& overrides);

/// Of weights of the whole model those of the part; the weights themselves where they are the part's alone.
NamedTensors weights_of_part(const NamedTensors& weights, const ModelConfig& config);

/// What `config resolve` takes for a network: files whose key `model` is a name, or whose keys are the whole
/// model's.
ConfigFileKind network_file_kind();

}  // namespace uls
