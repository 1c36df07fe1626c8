// SPDX-License-Identifier: Apache-2.0
// Any bytes as a tar archive, and as one whose headers' checksums are right: read, or refused by an Error.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "data/format/tar.h"

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void use(std::string_view archive) {
  try {
    uls::TarReader reader(archive, "made.tar");
    std::string again;
    while (const auto entry = reader.next()) {
      require(!entry->name.empty() && entry->name[0] != '/' && !entry->name.ends_with("/.."));
      require(entry->content.empty() ||
              (entry->content.data() >= archive.data() &&
               entry->content.data() + entry->content.size() <= archive.data() + archive.size()));
      if (entry->name.size() > 100) continue;
      uls::append_tar_entry(again, entry->name, entry->content);
    }
    require(reader.position() == std::int64_t(archive.size()));
    uls::append_tar_end(again);
    uls::TarReader second(again, "again.tar");
    while (second.next()) continue;
  } catch (const uls::Error&) {
  }
}

// Every block with a magic gets the checksum that fits; the end is made whole.
std::string sealed(std::string archive) {
  archive.resize((archive.size() + 511) / 512 * 512);
  for (std::size_t at = 0; at < archive.size(); at += 512) {
    if (archive.compare(at + 257, 5, "ustar") != 0) continue;
    unsigned sum = 0;
    archive.replace(at + 148, 8, 8, ' ');
    for (std::size_t i = at; i < at + 512; ++i) sum += static_cast<unsigned char>(archive[i]);
    archive.replace(at + 148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  }
  archive.resize(archive.size() + 1024);
  return archive;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  use(bytes);
  use(sealed(bytes));
  return 0;
}
