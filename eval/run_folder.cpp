// SPDX-License-Identifier: Apache-2.0
#include "eval/run_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>

#include "core/json/json.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";

// Neither "step-00000200.tmp-1" nor any other that is set aside.
bool is_whole_name(const std::string& name) {
  return name.starts_with(kPrefix) && std::all_of(name.begin() + kPrefix.size(), name.end(),
                                                  [](unsigned char c) { return std::isdigit(c); });
}

}  // namespace

std::string checkpoint_name(std::int64_t step) { return fmt::format("{}{:08}", kPrefix, step); }

bool is_unfinished_checkpoint(const std::string& name) {
  return name.starts_with(kPrefix) && name.find(".tmp-") != std::string::npos;
}

std::vector<std::string> checkpoint_names(const std::string& folder) {
  std::vector<std::string> names;
  if (!fs::is_directory(folder)) return names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (is_whole_name(name)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::string best_checkpoint(const std::string& folder) {
  const std::string path = folder + "/best.json";
  if (!fs::exists(path)) return "";
  const std::string best = folder + "/" + read_json_file(path).at("checkpoint").as_string();
  return fs::exists(best) ? best : "";
}

std::string chosen_checkpoint(const std::string& run) {
  const std::string folder = run + "/checkpoints", best = best_checkpoint(folder);
  if (!best.empty()) return best;
  const std::vector<std::string> names = checkpoint_names(folder);
  return names.empty() ? "" : folder + "/" + names.back();
}

}  // namespace uls
