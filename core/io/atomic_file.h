// SPDX-License-Identifier: Apache-2.0
// A file that appears complete or not at all: written aside in the same folder, flushed to disk, then renamed
// over the old one. A full disk, an exception or a power cut leaves the old file as it was.
//
// Only a killed process leaves its temporary behind: "<path>.tmp-<process>-<n>".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace uls {

/// The names in an open folder reach the disk; false, with errno, where the disk refuses. Some file systems
/// have no flush for folders and say EINVAL, which is no refusal.
bool flush_folder(int folder);

/// Whether a file is on the disk when it appears, or once somebody flushes the file system: a killed process
/// does no harm to either, a power cut may empty the latter.
enum class Flush { now, later };

class AtomicFile {
 public:
  /// Creates the temporary. Raises Error where the folder does not take one, or where `path` is something
  /// else than a file (a folder, a device). A link of that name is replaced, not followed.
  explicit AtomicFile(const std::string& path);
  /// Without a commit: removes the temporary.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends; unbuffered, so hand over large pieces. Raises Error where the disk does not take them; the
  /// temporary is then gone and the object of no more use.
  void write(const void* data, std::int64_t bytes);

  /// Makes what was written the file. Raises Error where the disk or the folder refuses. Once only, and last.
  void commit(Flush flush = Flush::now);

 private:
  [[noreturn]] void give_up(const std::string& what, const char* expected);
  void drop();

  std::string path_, temporary_;
  int file_ = -1;
  std::int64_t written_ = 0;
};

/// The whole of a file that appears complete or not at all.
void write_atomically(const std::string& path, std::string_view content, Flush flush = Flush::now);

}  // namespace uls
