// SPDX-License-Identifier: Apache-2.0
#include "core/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/strings.h"

namespace uls {
bool flush_folder(int folder) { return fsync(folder) == 0 || errno == EINVAL; }

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  // A rename would put a plain file in the place of /dev/null.
  struct stat status {};
  ULS_CHECK(stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode),
            "write {}: not a regular file; got {}; expected a file or a new name", path,
            S_ISDIR(status.st_mode) ? "a folder" : "a device, pipe or socket");
  for (int attempt = 0; file_ < 0; ++attempt) {
    temporary_ = fmt::format("{}.tmp-{}-{}", path, getpid(), attempt);
    file_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    ULS_CHECK(file_ >= 0 || errno == EEXIST,
              "write {}: cannot be created; got {}; expected a folder that exists and may be written to",
              path, system_reason());
  }
}

AtomicFile::~AtomicFile() { drop(); }

void AtomicFile::write(const void* data, std::int64_t bytes) {
  ULS_ASSERT(file_ >= 0, "write to {} after its end", path_);
  const char* next = static_cast<const char*>(data);
  for (const char* const end = next + bytes; next < end;) {
    const ssize_t count = ::write(file_, next, std::size_t(end - next));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) give_up(fmt::format("stopped after {}", format_bytes(written_)), "enough free space");
    next += count;
    written_ += count;
  }
}

void AtomicFile::commit(Flush flush) {
  ULS_ASSERT(file_ >= 0, "commit of {} after its end", path_);
  if (flush == Flush::now && fsync(file_) != 0)
    give_up("cannot be flushed", "a disk that keeps what it took");
  if (close(std::exchange(file_, -1)) != 0) give_up("cannot be closed", "a disk that keeps what it took");
  const auto parent = std::filesystem::path(path_).parent_path();
  const int folder = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) give_up("its folder cannot be opened", "a readable folder");
  const bool renamed = std::rename(temporary_.c_str(), path_.c_str()) == 0;
  // The new name itself lives in the folder.
  const bool flushed = renamed && (flush == Flush::later || flush_folder(folder));
  const int error = errno;
  close(folder);
  errno = error;
  if (!renamed) give_up("cannot be renamed to", "a folder that may be written to");
  temporary_.clear();
  ULS_CHECK(flushed, "write {}: written, but its folder cannot be flushed; got {}; expected a sound disk",
            path_, system_reason());
}

void AtomicFile::give_up(const std::string& what, const char* expected) {
  const std::string got = system_reason();
  drop();
  fail("write {}: {}; got {}; expected {}", path_, what, got, expected);
}

void AtomicFile::drop() {
  if (file_ >= 0) close(std::exchange(file_, -1));
  if (temporary_.empty()) return;
  if (unlink(temporary_.c_str()) != 0) log_warning("{} cannot be removed: {}", temporary_, system_reason());
  temporary_.clear();
}

void write_atomically(const std::string& path, std::string_view content, Flush flush) {
  AtomicFile file(path);
  file.write(content.data(), std::int64_t(content.size()));
  file.commit(flush);
}

}  // namespace uls
