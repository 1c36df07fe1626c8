// SPDX-License-Identifier: Apache-2.0
// Tar archives as shards are: regular files with short names (POSIX.1-1988 "ustar"), written so that equal
// contents give equal bytes. Read are those of others too, as GNU tar, Python's tarfile and the webdataset
// package write them: long names of GNU and of pax are understood; links, devices, sparse files and sizes in
// base 256 are refused by name.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace uls {

inline constexpr std::int64_t kTarBlock = 512;

/// Appends header, content and padding: owner 0, time 0, mode 0644. Names of more than 100 bytes, names that
/// leave the archive, and contents of 8 GiB or more raise Error.
void append_tar_entry(std::string& archive, const std::string& name, std::string_view content);
/// The two blocks that end an archive.
void append_tar_end(std::string& archive);

struct TarEntry {
  std::string name{};          // as check_inner_path() wants it
  std::string_view content{};  // of the archive
};

/// The regular files of an archive in memory, in order; folders are passed over. Everything is checked:
/// checksums, numbers, names, padding, and that the archive ends where it says. Any fault raises DataError
/// "where, byte 1024: ...".
class TarReader {
 public:
  /// `archive` outlives the entries; `from` is where a header starts.
  TarReader(std::string_view archive, std::string where, std::int64_t from = 0);

  /// The next file, or nothing at the end of the archive.
  std::optional<TarEntry> next();
  /// Behind what was read.
  std::int64_t position() const { return position_; }

 private:
  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const;
  std::string_view take_blocks(std::int64_t bytes, const char* what);
  std::int64_t number(std::string_view field, const char* what) const;
  std::string field_text(std::string_view field) const;
  void check_header(std::string_view header) const;
  void check_end();
  void read_pax(std::string_view records);
  std::string checked_name(std::string name) const;

  std::string_view archive_;
  std::string where_;
  std::int64_t position_ = 0, header_ = 0;   // header_: of the entry that is being read
  std::optional<std::string> long_name_{};   // from an entry in front, for the next file
  std::optional<std::int64_t> long_size_{};  // likewise
};

}  // namespace uls
