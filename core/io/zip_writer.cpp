// SPDX-License-Identifier: Apache-2.0
#include "core/io/zip_writer.h"

#include "core/base/error.h"
#include "core/io/crc32.h"
#include "core/io/zip_format.h"

namespace uls {
namespace {

using namespace zip_format;

constexpr std::int64_t kAlignment = 64;
constexpr std::uint16_t kVersion = 45;              // the first with 64-bit sizes
constexpr std::uint16_t kPadding = 'F' | 'B' << 8;  // the extra field that PyTorch pads with
constexpr std::uint16_t kDate = 1 << 5 | 1;         // 1980-01-01: equal contents, equal files

// The numbers, little-endian, one behind the other.
template <typename... Numbers>
void append(std::string& text, Numbers... numbers) {
  (text.append(reinterpret_cast<const char*>(&numbers), sizeof numbers), ...);
}

// What both headers say, from the version to the length of the name. Sizes are always in the 64-bit field, so
// that files beyond 4 GiB take no way of their own.
void append_fields(std::string& text, std::uint32_t checksum, std::size_t name_bytes) {
  append(text, kVersion, kUtf8, kStored, std::uint16_t(0), kDate, checksum, kIn32, kIn32,
         std::uint16_t(name_bytes));
}

}  // namespace

void ZipWriter::write(std::string_view bytes) {
  file_.write(bytes.data(), std::int64_t(bytes.size()));
  written_ += std::int64_t(bytes.size());
}

void ZipWriter::add(const std::string& name, std::int64_t bytes,
                    const std::function<void(const ConsumeBytes&)>& feed) {
  ULS_ASSERT(name.size() < kIn16, "a name of {} bytes", name.size());
  std::uint32_t checksum = 0;
  feed([&](const char* data, std::int64_t count) { checksum = crc32(checksum, data, count); });

  const std::int64_t begin = written_;
  constexpr std::uint16_t kFieldHeader = 4, kSizes = 16, kSizesAndPlace = 24;
  const std::int64_t unpadded =
      begin + std::int64_t(kLocalBytes + name.size()) + kFieldHeader + kSizes + kFieldHeader;
  const auto padding = std::uint16_t((kAlignment - unpadded % kAlignment) % kAlignment);
  std::string header;
  append(header, kLocal);
  append_fields(header, checksum, name.size());
  append(header, std::uint16_t(kFieldHeader + kSizes + kFieldHeader + padding));
  header += name;
  append(header, kLargeField, kSizes, bytes, bytes, kPadding, padding);
  write(header + std::string(padding, 'Z'));

  const std::int64_t data_begin = written_;
  feed([&](const char* data, std::int64_t count) { write({data, std::size_t(count)}); });
  ULS_ASSERT(written_ - data_begin == bytes, "entry {} has {} bytes", name, written_ - data_begin);

  append(directory_, kRecord, kVersion);
  append_fields(directory_, checksum, name.size());
  // Lengths of extra fields and comment, disk, attributes; the place is in the 64-bit field too.
  append(directory_, std::uint16_t(kFieldHeader + kSizesAndPlace), std::uint16_t(0), std::uint16_t(0),
         std::uint16_t(0), std::uint32_t(0), kIn32);
  directory_ += name;
  append(directory_, kLargeField, kSizesAndPlace, bytes, bytes, begin);
  ++entries_;
}

void ZipWriter::add(const std::string& name, std::string_view content) {
  const auto bytes = std::int64_t(content.size());
  add(name, bytes, [&](const ConsumeBytes& consume) { consume(content.data(), bytes); });
}

void ZipWriter::finish() {
  const std::int64_t begin = written_, bytes = std::int64_t(directory_.size());
  std::string end;
  append(end, kEnd64, kEnd64Bytes - 12, kVersion, kVersion, std::uint32_t(0), std::uint32_t(0), entries_,
         entries_, bytes, begin);
  append(end, kLocator, std::uint32_t(0), begin + bytes, std::uint32_t(1));
  append(end, kEnd, std::uint16_t(0), std::uint16_t(0), kIn16, kIn16, kIn32, kIn32, std::uint16_t(0));
  write(directory_);
  write(end);
}

}  // namespace uls
