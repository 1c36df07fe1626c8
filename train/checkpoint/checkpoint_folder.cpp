// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/io/atomic_file.h"
#include "eval/run_folder.h"
#include "train/checkpoint/checkpoint.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

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
    if (is_unfinished_checkpoint(entry.path().filename().string())) unfinished.push_back(entry.path());
  for (const fs::path& path : unfinished) fs::remove_all(path);
}

void CheckpointFolder::mark_best(std::int64_t step) {
  write_atomically(folder_ + "/best.json",
                   Json::object({{"checkpoint", checkpoint_name(step)}}).dump() + "\n");
}

void CheckpointFolder::save(const Checkpoint& checkpoint, bool best) {
  write_checkpoint(folder_ + "/" + checkpoint_name(checkpoint.step), checkpoint);
  if (best) mark_best(checkpoint.step);
  const std::string kept = fs::path(this->best()).filename().string();
  std::vector<std::string> old = checkpoint_names(folder_);
  std::erase(old, kept);
  for (std::size_t i = 0; i + std::size_t(keep_) < old.size(); ++i) fs::remove_all(folder_ + "/" + old[i]);
}

std::optional<Checkpoint> CheckpointFolder::newest() const {
  const std::vector<std::string> all = checkpoint_names(folder_);
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

std::string CheckpointFolder::best() const { return best_checkpoint(folder_); }

}  // namespace uls
