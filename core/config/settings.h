// SPDX-License-Identifier: Apache-2.0
// The settings that hold for every command of this process. Each has an environment variable and no key in
// any config; `unilseg doctor` lists them, `unilseg config explain KEY` explains them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/field.h"

namespace uls {

struct Settings {
  std::int64_t threads = 0;
  std::string log_level = "info";
  bool fused = true;
  bool anomaly = false;
  bool memory_cache = true;
  std::int64_t memory_limit = 0;
  std::string shared = "../shared";
  std::string golden, peer;
  std::vector<std::string> require;
};

const FieldTable<Settings>& settings_table();

/// The defaults with what the environment says. Raises Error for a value that a variable cannot have.
Settings settings_from_environment();

/// settings_from_environment(), read once.
const Settings& settings();

/// One line for each ULS_ variable that is set and unknown: "ULS_THREAD: unknown variable (did you mean
/// ...?)".
std::vector<std::string> unknown_variables();

/// What the front door does before any command: the log level, anomaly mode, then a warning for each unknown
/// variable.
void apply_settings(const Settings& settings);

}  // namespace uls
