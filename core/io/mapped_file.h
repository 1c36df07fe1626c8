// SPDX-License-Identifier: Apache-2.0
// A file as memory: pages are read when they are first touched, and the system may drop them again.
//
// The mapping is copy-on-write: writing into it changes what this process sees and never the file. A program
// that shortens the file meanwhile ends this process (SIGBUS); replacing it by a rename, as AtomicFile does,
// is harmless.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uls {

/// Held by a shared_ptr where views into it outlive its maker.
class MappedFile {
 public:
  /// Raises Error with the path and the system's reason where it is missing, unreadable, empty, or no
  /// regular file.
  explicit MappedFile(const std::string& path);
  /// What is in memory already, as if it were a file of that name. Raises Error where it is empty.
  MappedFile(const std::string& name, std::vector<char> content);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  char* data() const { return data_; }
  /// Bytes, at least 1.
  std::int64_t size() const { return size_; }
  std::string_view text() const { return {data_, std::size_t(size_)}; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::vector<char> content_;  // empty: data_ is mapped
  char* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace uls
