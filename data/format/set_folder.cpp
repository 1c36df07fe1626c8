// SPDX-License-Identifier: Apache-2.0
#include "data/format/set_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/io/atomic_file.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

// "NAME.tmp-<process>-<n>", which a killed AtomicFile leaves behind.
bool is_leftover(const std::string& name) {
  const std::size_t at = name.rfind(".tmp-");
  if (at == std::string::npos) return false;
  return std::all_of(name.begin() + std::ptrdiff_t(at) + 5, name.end(),
                     [](unsigned char c) { return std::isdigit(c) || c == '-'; });
}

}  // namespace

std::string create_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  ULS_CHECK(!error, "write {}: cannot be created; got {}; expected a folder that may be written to", path,
            error.message());
  return path;
}

FolderLock::FolderLock(const std::string& path)
    : folder_(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  ULS_CHECK(folder_ >= 0, "write {}: cannot be opened; got {}; expected a folder", path, system_reason());
  // Some file systems know no locks; what they answer then is not a refusal.
  const bool taken = flock(folder_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (taken) close(std::exchange(folder_, -1));
  ULS_CHECK(!taken, "write {}: another process is writing this set", path);
}

FolderLock::~FolderLock() {
  if (folder_ >= 0) close(folder_);
}

void FolderLock::flush() const {
  ULS_CHECK(flush_folder(folder_), "write: a folder cannot be flushed; got {}; expected a sound disk",
            system_reason());
}

void FolderLock::flush_files() const {
  ULS_CHECK(syncfs(folder_) == 0,
            "write: files cannot be flushed; got {}; expected a sound disk with free space", system_reason());
}

void remove_leftovers(const std::string& path) {
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (is_leftover(entry.path().filename().string())) leftovers.push_back(entry.path());
  for (const fs::path& leftover : leftovers) fs::remove(leftover);
}

void remove_leftovers_of(const std::string& file) {
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(fs::path(file).parent_path())) {
    const std::string name = entry.path().filename().string();
    if (is_leftover(name) && name.starts_with(fs::path(file).filename().string() + ".tmp-"))
      leftovers.push_back(entry.path());
  }
  for (const fs::path& leftover : leftovers) fs::remove(leftover);
}

Manifest without_counts(Manifest manifest) {
  manifest.samples.clear();
  manifest.targets.clear();
  return manifest;
}

}  // namespace uls
