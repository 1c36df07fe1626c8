// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/io/atomic_file.h"
#include "train/checkpoint/checkpoint.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "step-";

bool is_unfinished(const std::string& name) {
  return name.starts_with(kPrefix) && name.find(".tmp-") != std::string::npos;
}

bool is_checkpoint(const std::string& name) {
  if (!name.starts_with(kPrefix)) return false;
  return std::all_of(name.begin() + std::char_traits<char>::length(kPrefix), name.end(),
                     [](unsigned char c) { return std::isdigit(c); });
}

void set_aside(const std::string& path) {
  fs::remove_all(path + ".damaged");
  fs::rename(path, path + ".damaged");
}

}  // namespace

CheckpointFolder::CheckpointFolder(const std::string& run, std::int64_t keep)
    : folder_(run + "/checkpoints"), keep_(keep) {
  ULS_CHECK(keep >= 1, "checkpoints: none would be kept; got {}; expected at least 1", keep);
  std::error_code error;
  fs::create_directories(folder_, error);
  ULS_CHECK(!error, "checkpoints: {} cannot be created; got {}; expected a folder that may be written to",
            folder_, error.message());
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::directory_iterator(folder_))
    if (is_unfinished(entry.path().filename().string())) unfinished.push_back(entry.path());
  for (const fs::path& path : unfinished) fs::remove_all(path);
}

std::vector<std::string> CheckpointFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (is_checkpoint(name)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

void CheckpointFolder::save(const Checkpoint& checkpoint, bool best) {
  const std::string name = fmt::format("{}{:08}", kPrefix, checkpoint.step);
  write_checkpoint(folder_ + "/" + name, checkpoint);
  if (best) write_atomically(folder_ + "/best.json", Json::object({{"checkpoint", name}}).dump() + "\n");
  const std::string kept = fs::path(this->best()).filename().string();
  std::vector<std::string> old = names();
  std::erase(old, kept);
  for (std::size_t i = 0; i + std::size_t(keep_) < old.size(); ++i) fs::remove_all(folder_ + "/" + old[i]);
}

std::optional<Checkpoint> CheckpointFolder::newest() const {
  const std::vector<std::string> all = names();
  for (auto name = all.rbegin(); name != all.rend(); ++name) {
    try {
      Checkpoint whole = read_checkpoint(folder_ + "/" + *name);
      for (auto damaged = all.rbegin(); damaged != name; ++damaged) set_aside(folder_ + "/" + *damaged);
      return whole;
    } catch (const DataError& error) {
      log_warning("{}; going back to the one before, this one is renamed to {}.damaged", error.what(), *name);
    }
  }
  if (!all.empty())
    throw DataError(
        fmt::format("checkpoints: all {} in {} are damaged; remove them to start anew", all.size(), folder_));
  return std::nullopt;
}

std::string CheckpointFolder::best() const {
  const std::string path = folder_ + "/best.json";
  if (!fs::exists(path)) return "";
  const std::string best = folder_ + "/" + read_json_file(path).at("checkpoint").as_string();
  return fs::exists(best) ? best : "";
}

}  // namespace uls
