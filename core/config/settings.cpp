// SPDX-License-Identifier: Apache-2.0
#include "core/config/settings.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "core/autograd/grad_mode.h"
#include "core/base/log.h"
#include "core/base/strings.h"

namespace uls {

const FieldTable<Settings>& settings_table() {
  static const FieldTable<Settings> table = [] {
    FieldTable<Settings> t("settings");
    t.add("threads", &Settings::threads, "threads of CPU loops; 0: as many as the machine offers")
        .range(0, 4096)
        .environment("ULS_THREADS");
    t.add("log_level", &Settings::log_level, "least important lines that the log shows")
        .choices({"debug", "info", "warning", "error", "off"})
        .environment("ULS_LOG");
    t.add("fused", &Settings::fused, "fused kernels; false: their plain twins, composed of simple operations")
        .environment("ULS_FUSED");
    t.add("anomaly", &Settings::anomaly,
          "check every result for NaN and infinity, and name the first operation")
        .environment("ULS_ANOMALY");
    t.add("memory_cache", &Settings::memory_cache, "keep freed memory for later tensors")
        .environment("ULS_MEMORY_CACHE");
    t.add("memory_limit", &Settings::memory_limit,
          "most memory that tensors may take on a device; 0: no limit")
        .bytes()
        .environment("ULS_MEMORY_LIMIT");
    t.add("shared", &Settings::shared, "folder of the shared fixtures and data that tests read")
        .environment("ULS_SHARED");
    t.add("golden", &Settings::golden, "folder of golden cases that tests replay; empty: tests/fixtures")
        .environment("ULS_GOLDEN");
    t.add("peer", &Settings::peer,
          "Python with PyTorch that scripts/bench compares with; empty: one of its own")
        .environment("ULS_PEER");
    t.add("require", &Settings::require,
          "what tests may not do without: its absence fails them instead of skipping")
        .environment("ULS_REQUIRE");
    return t;
  }();
  return table;
}

Settings settings_from_environment() {
  Settings settings;
  settings_table().load_environment(settings);
  return settings;
}

const Settings& settings() {
  static const Settings instance = settings_from_environment();
  return instance;
}

std::vector<std::string> unknown_variables() {
  std::vector<std::string> known, lines;
  for (const auto& field : settings_table().fields()) known.push_back(field.variable);
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const std::string name(text.substr(0, text.find('=')));
    if (name.starts_with("ULS_") && std::ranges::find(known, name) == known.end())
      lines.push_back(name + ": unknown variable" + did_you_mean(name, known));
  }
  return lines;
}

void apply_settings(const Settings& settings) {
  set_log_level(parse_log_level(settings.log_level));
  set_anomaly_mode(settings.anomaly);
  for (const auto& line : unknown_variables()) log_warning("{}", line);
}

}  // namespace uls
