// SPDX-License-Identifier: Apache-2.0
#include "data/format/tar.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <numeric>
#include <utility>

#include "core/base/error.h"
#include "core/io/foreign_text.h"
#include "data/format/data_error.h"
#include "data/format/inner_path.h"

namespace uls {
namespace {

struct Field {
  std::size_t at, size;
  std::string_view of(std::string_view header) const { return header.substr(at, size); }
  void set(std::string& header, std::string_view text) const { header.replace(at, text.size(), text); }
};

constexpr std::size_t kBlock = std::size_t(kTarBlock);
constexpr Field kName{0, 100}, kMode{100, 8}, kOwner{108, 8}, kGroup{116, 8}, kSize{124, 12}, kTime{136, 12},
    kChecksum{148, 8}, kKind{156, 1}, kMagic{257, 8}, kPrefix{345, 155};
constexpr std::string_view kPosixMagic("ustar\00000", 8), kGnuMagic("ustar  \0", 8);
constexpr std::int64_t kLargest = (std::int64_t(1) << 33) - 1;  // eleven octal digits

std::size_t padding(std::int64_t bytes) { return (kBlock - std::size_t(bytes) % kBlock) % kBlock; }

bool is_zero(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char c) { return c == 0; });
}

// The sum of a header's bytes, where those of the checksum itself count as blanks.
std::int64_t sum_of(std::string_view header) {
  const auto sum = [](std::string_view bytes) {
    return std::accumulate(bytes.begin(), bytes.end(), std::int64_t(0),
                           [](std::int64_t total, char c) { return total + static_cast<unsigned char>(c); });
  };
  return sum(header) - sum(kChecksum.of(header)) + std::int64_t(kChecksum.size) * ' ';
}

// Links, devices and the like, as messages name them.
std::string kind_name(char kind) {
  static constexpr std::pair<char, const char*> kNames[] = {{'1', "a hard link"},
                                                            {'2', "a symbolic link"},
                                                            {'3', "a character device"},
                                                            {'4', "a block device"},
                                                            {'6', "a pipe"},
                                                            {'7', "a contiguous file"},
                                                            {'S', "a sparse file"},
                                                            {'K', "a long link of GNU"},
                                                            {'M', "a part of a file in several volumes"},
                                                            {'V', "a volume label"},
                                                            {'D', "a list of GNU's incremental dump"}};
  for (const auto& [letter, name] : kNames)
    if (letter == kind) return name;
  return "kind " + shown(std::string_view(&kind, 1));
}

}  // namespace

void append_tar_entry(std::string& archive, const std::string& name, std::string_view content) {
  check_inner_path(name, "tar");
  ULS_CHECK(name.size() <= kName.size, "tar: a long name; got {}; expected at most {} bytes", shown(name),
            kName.size);
  ULS_CHECK(std::int64_t(content.size()) <= kLargest,
            "tar: {} is too large; got {} bytes; expected less than 8 GiB", name, content.size());
  std::string header(kBlock, '\0');
  kName.set(header, name);
  kMode.set(header, "0000644");
  kOwner.set(header, "0000000");
  kGroup.set(header, "0000000");
  kSize.set(header, fmt::format("{:011o}", content.size()));
  kTime.set(header, "00000000000");
  kKind.set(header, "0");
  kMagic.set(header, kPosixMagic);
  kChecksum.set(header, fmt::format("{:06o}", sum_of(header)) + std::string("\0 ", 2));
  archive += header;
  archive += content;
  archive.append(padding(std::int64_t(content.size())), '\0');
}

void append_tar_end(std::string& archive) { archive.append(2 * kBlock, '\0'); }

TarReader::TarReader(std::string_view archive, std::string where, std::int64_t from)
    : archive_(archive), where_(std::move(where)), position_(from), header_(from) {}

template <typename... Args>
void TarReader::refuse(fmt::format_string<Args...> format, Args&&... args) const {
  throw DataError(
      fmt::format("{}, byte {}: {}", where_, header_, fmt::format(format, std::forward<Args>(args)...)));
}

// `bytes` bytes and their padding.
std::string_view TarReader::take_blocks(std::int64_t bytes, const char* what) {
  const std::int64_t left = std::int64_t(archive_.size()) - position_;
  // Compared before the padding is added: a claimed size may be the largest number.
  if (bytes > left || std::int64_t(padding(bytes)) > left - bytes)
    refuse("the archive is cut off in {}; got {} more bytes; expected {}", what,
           std::max<std::int64_t>(left, 0), bytes);
  const std::string_view taken = archive_.substr(std::size_t(position_), std::size_t(bytes));
  const std::string_view rest = archive_.substr(std::size_t(position_ + bytes), padding(bytes));
  if (!is_zero(rest)) refuse("the padding of {} is damaged; got other bytes; expected zeros", what);
  position_ += bytes + std::int64_t(rest.size());
  return taken;
}

// Octal digits, with blanks in front and blanks or zero bytes behind.
std::int64_t TarReader::number(std::string_view field, const char* what) const {
  if (static_cast<unsigned char>(field[0]) & 0x80)
    refuse("a number in base 256; got it for the {}; expected octal digits", what);
  const std::size_t first = std::min(field.find_first_not_of(' '), field.size());
  std::size_t end = first;
  std::int64_t value = 0;  // of twelve digits at most
  for (; end < field.size() && field[end] >= '0' && field[end] <= '7'; ++end)
    value = value * 8 + (field[end] - '0');
  const auto is_blank = [](char c) { return c == ' ' || c == 0; };
  if (end == first || !std::ranges::all_of(field.substr(end), is_blank))
    refuse("no octal number; got {} for the {}; expected digits", shown(field), what);
  return value;
}

std::string TarReader::field_text(std::string_view field) const {
  return std::string(field.substr(0, std::min(field.find('\0'), field.size())));
}

void TarReader::check_header(std::string_view header) const {
  const std::int64_t said = number(kChecksum.of(header), "checksum"), sum = sum_of(header);
  if (said != sum) refuse("the header's checksum is wrong; got {}; expected {}", sum, said);
  const std::string_view magic = kMagic.of(header);
  if (magic != kPosixMagic && magic != kGnuMagic)
    refuse("no tar of a known form; got {}; expected \"ustar\"", shown(magic));
}

// The second block of zeros, and nothing but zeros behind.
void TarReader::check_end() {
  header_ = position_;
  if (!is_zero(take_blocks(kTarBlock, "its end")))
    refuse("a single block of zeros; got an entry behind it; expected a second block of zeros");
  header_ = position_;
  if (!is_zero(archive_.substr(std::size_t(position_))))
    refuse("bytes behind the end of the archive; got some that are not zero; expected none");
  position_ = std::int64_t(archive_.size());
}

// "27 path=images/000001.jpg\n" ...; the number counts the whole record.
void TarReader::read_pax(std::string_view records) {
  while (!records.empty()) {
    std::size_t length = 0, digits = 0;
    for (; digits < std::min<std::size_t>(records.size(), 9) &&
           std::isdigit(static_cast<unsigned char>(records[digits]));
         ++digits)
      length = length * 10 + std::size_t(records[digits] - '0');
    const std::size_t equals = records.find('=');
    if (digits == 0 || digits == records.size() || records[digits] != ' ' || length > records.size() ||
        equals >= length || equals <= digits + 1 || records[length - 1] != '\n')
      refuse("no pax record; got {}; expected \"LENGTH KEY=VALUE\" and a line end", shown(records));
    const std::string_view key = records.substr(digits + 1, equals - digits - 1);
    const std::string_view value = records.substr(equals + 1, length - equals - 2);
    if (key == "path") long_name_ = value;
    if (key == "size") {
      std::int64_t size = 0;
      const bool fits = !value.empty() && value.size() <= 18 && std::ranges::all_of(value, [&](char c) {
        size = size * 10 + (c - '0');
        return c >= '0' && c <= '9';
      });
      if (!fits) refuse("a pax record's size; got {}; expected a whole number", shown(value));
      long_size_ = size;
    }
    if (key.starts_with("GNU.sparse")) refuse("a sparse file; got {}; expected a regular file", shown(key));
    records.remove_prefix(length);
  }
}

std::string TarReader::checked_name(std::string name) const {
  while (name.starts_with("./")) name.erase(0, 2);
  as_data_error([&] { check_inner_path(name, fmt::format("{}, byte {}", where_, header_)); });
  return name;
}

std::optional<TarEntry> TarReader::next() {
  while (true) {
    if (!long_name_ && !long_size_) header_ = position_;
    if (position_ == std::int64_t(archive_.size()))
      refuse("the archive is cut off; got no end of archive; expected two blocks of zeros");
    const std::string_view header = take_blocks(kTarBlock, "a header");
    if (is_zero(header)) {
      if (long_name_ || long_size_)
        refuse("a long name without a file; got the end of the archive; expected a file");
      check_end();
      return std::nullopt;
    }
    check_header(header);
    const char kind = kKind.of(header)[0];
    const std::int64_t size = number(kSize.of(header), "size");
    if (kind == 'x' || kind == 'g') {
      const std::string_view records = take_blocks(size, "a pax header");
      if (kind == 'x') read_pax(records);
    } else if (kind == 'L') {
      long_name_ = field_text(take_blocks(size, "a long name"));
    } else if (kind == '0' || kind == '\0' || kind == '5') {
      const bool posix = kMagic.of(header) == kPosixMagic;
      const std::string prefix = posix ? field_text(kPrefix.of(header)) : "";
      const std::string name = (prefix.empty() ? "" : prefix + "/") + field_text(kName.of(header));
      TarEntry entry{kind == '5' ? "" : checked_name(long_name_.value_or(name)),
                     take_blocks(long_size_.value_or(size), "a file's content")};
      long_name_.reset();
      long_size_.reset();
      if (kind != '5') return entry;
    } else {
      refuse("{} in the archive; got {}; expected a regular file", kind_name(kind),
             shown(field_text(kName.of(header))));
    }
  }
}

}  // namespace uls
