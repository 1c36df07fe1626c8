// SPDX-License-Identifier: Apache-2.0
// Every network, and every part of one that can run by itself, by name, as files see it: tensors under names
// and in the layouts of other frameworks (images [B, C, H, W], sequences of a part [L, B, C]). What a model
// computes inside is channels last; the conversion is here and nowhere else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/config/field.h"
#include "models/parameters.h"
#include "models/pass.h"

namespace uls {

/// A model with its parameters.
class Network {
 public:
  explicit Network(const ParameterOptions& options) : parameters_(options) {}
  virtual ~Network() = default;

  const Parameters& parameters() const { return parameters_; }
  /// Every key of its config.
  virtual Json config() const = 0;

  /// The outputs by name, of inputs by name. Raises Error for inputs that are missing or of the wrong shape.
  virtual NamedTensors forward(const NamedTensors& in, const Pass& pass) const = 0;

  /// Inputs as a summary takes them: on `meta`, for `batch` images of `height` by `width` pixels.
  virtual NamedTensors example_inputs(std::int64_t batch, std::int64_t height, std::int64_t width) const = 0;

 protected:
  Parameters parameters_;
};

struct NetworkKind {
  std::string name, meaning;
  const Schema* schema;             // the keys of its config
  std::vector<std::string> inputs;  // the names of those that it needs
  /// With the config's keys, and "key=value" on top of them.
  std::function<std::unique_ptr<Network>(const ConfigNode& config, const std::vector<std::string>& overrides,
                                         const ParameterOptions& options)>
      build;
};

const std::vector<NetworkKind>& network_kinds();

/// Raises Error with the nearest name for an unknown one.
const NetworkKind& network_kind(const std::string& name);

}  // namespace uls
