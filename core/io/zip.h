// SPDX-License-Identifier: Apache-2.0
// Zip archives, read in place: stored and deflated entries, also beyond 4 GiB and with data descriptors.
//
// The directory at the end of an archive repeats what stands before each entry; archives made to deceive let
// the two differ, entries overlap, names climb out of a folder or sizes explode. All of that is one Error on
// opening.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/mapped_file.h"

namespace uls {

struct ZipEntry {
  std::string name;  ///< with slashes; one that ends in a slash is a folder
  std::int64_t size = 0;
  std::int64_t packed = 0;  ///< bytes in the file
  bool deflated = false;
  std::uint32_t checksum = 0;  ///< 0 also where the writer left it out, as PyTorch can
  std::int64_t begin = 0;      ///< of the data, from the start of the file
};

/// Bytes that `owner` keeps alive.
struct HeldBytes {
  char* data = nullptr;
  std::int64_t size = 0;
  std::shared_ptr<const void> owner{};
  std::string_view text() const { return {data, std::size_t(size)}; }
};

class ZipFile {
 public:
  /// Checks the directory and what stands before each entry. Raises Error, which names the entry that is to
  /// blame and not the file.
  explicit ZipFile(std::shared_ptr<const MappedFile> file);

  /// In the order of the directory.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// nullptr where there is none.
  const ZipEntry* find(const std::string& name) const;

  /// The content, with its checksum checked: a stored entry where it lies in the file, a deflated one
  /// unpacked. Raises Error where it is damaged.
  HeldBytes read(const ZipEntry& entry) const;

 private:
  std::shared_ptr<const MappedFile> file_;
  std::vector<ZipEntry> entries_;
  std::map<std::string, std::size_t> index_;
};

}  // namespace uls
