// SPDX-License-Identifier: Apache-2.0
// Zip archives made by hand, in which everything can be wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/io/crc32.h"

namespace uls::test {

struct MadeEntry {
  std::string name{}, data{};  // data: as it lies in the file
  std::uint16_t flags = 0, method = 0;
  std::uint32_t size = 0xFFFFFFFF;  // unpacked; this value: that of data
  std::uint32_t packed = 0xFFFFFFFF;
  std::uint32_t checksum = 0;    // 0: of data
  std::string local_name = "*";  // "*": the same
  std::uint32_t local_size = 0xFFFFFFFF, offset = 0xFFFFFFFF;
  std::string extra{}, local_extra{}, behind{};  // behind: a data descriptor, say
};

inline std::string le(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += i < 8 ? char(value >> 8 * i) : char(0);
  return text;
}

struct MadeZip {
  std::vector<MadeEntry> entries{};
  int count = -1;  // of entries in the end record; -1: as many as there are
  std::string before_end{}, comment{};

  std::string text() const {
    std::string archive, directory;
    for (const MadeEntry& entry : entries) {
      const auto or_else = [](std::uint32_t value, std::size_t other) {
        return value == 0xFFFFFFFF ? std::uint32_t(other) : value;
      };
      const std::uint32_t size = or_else(entry.size, entry.data.size()),
                          packed = or_else(entry.packed, entry.data.size());
      const std::uint32_t checksum =
          entry.checksum ? entry.checksum : crc32(0, entry.data.data(), std::int64_t(entry.data.size()));
      const std::string local_name = entry.local_name == "*" ? entry.name : entry.local_name;
      const std::uint32_t offset = or_else(entry.offset, archive.size());
      const bool is_later = entry.flags & 8;
      archive += "PK\3\4" + le(20, 2) + le(entry.flags, 2) + le(entry.method, 2) + le(0, 4) +
                 le(is_later ? 0 : checksum, 4) + le(is_later ? 0 : packed, 4) +
                 le(is_later ? 0 : or_else(entry.local_size, size), 4) + le(local_name.size(), 2) +
                 le(entry.local_extra.size(), 2) + local_name + entry.local_extra + entry.data + entry.behind;
      directory += "PK\1\2" + le(20, 2) + le(20, 2) + le(entry.flags, 2) + le(entry.method, 2) + le(0, 4) +
                   le(checksum, 4) + le(packed, 4) + le(size, 4) + le(entry.name.size(), 2) +
                   le(entry.extra.size(), 2) + le(0, 2) + le(0, 2) + le(0, 2) + le(0, 4) + le(offset, 4) +
                   entry.name + entry.extra;
    }
    const std::size_t number = count < 0 ? entries.size() : std::size_t(count);
    const std::size_t begin = archive.size();
    return archive + directory + before_end + "PK\5\6" + le(0, 4) + le(number, 2) + le(number, 2) +
           le(directory.size(), 4) + le(begin, 4) + le(comment.size(), 2) + comment;
  }
};

}  // namespace uls::test
