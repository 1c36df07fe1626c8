// SPDX-License-Identifier: Apache-2.0
// `unilseg config explain KEY`: what a key of a config, or an environment variable, means.
// `unilseg config resolve F`: what a config says once its bases and all defaults are in.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/cli/cli.h"
#include "core/config/config_node.h"
#include "core/config/field.h"
#include "core/json/json.h"

namespace uls {

/// A kind of config file.
struct ConfigFileKind {
  std::string name;  ///< "run", for messages
  /// Whether a file, with its bases, is meant to be of this kind: mistakes in it are then told as such.
  std::function<bool(const ConfigNode& file)> fits;
  /// Every key with its value. Raises Error as the command that takes such files does.
  std::function<Json(const std::string& path, const std::vector<std::string>& overrides)> resolved;
};

/// `tables` are those that KEY is looked up in; they must outlive the command. A file is of the first of
/// `kinds` that fits.
Command config_command(std::vector<const Schema*> tables, std::vector<ConfigFileKind> kinds = {});

}  // namespace uls
