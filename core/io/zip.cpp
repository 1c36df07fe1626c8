// SPDX-License-Identifier: Apache-2.0
#include "core/io/zip.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/config/text_value.h"
#include "core/io/at_place.h"
#include "core/io/byte_reader.h"
#include "core/io/crc32.h"
#include "core/io/foreign_text.h"
#include "core/io/growth.h"
#include "core/io/inflate.h"
#include "core/io/zip_format.h"

namespace uls {
namespace {

using namespace zip_format;

struct Directory {
  std::uint64_t begin, bytes, entries;
};

ByteReader reader_at(std::string_view bytes, std::uint64_t at) {
  ULS_CHECK(at <= bytes.size(), "cut off; got {} bytes; expected more than {}", bytes.size(), at);
  return ByteReader(bytes.substr(std::size_t(at)));
}

void expect_signature(ByteReader& reader, std::uint32_t expected, const char* what) {
  const auto signature = reader.number<std::uint32_t>();
  ULS_CHECK(signature == expected, "{}: not there; got {:#010x}; expected {:#010x}", what, signature,
            expected);
}

Directory find_directory(std::string_view bytes) {
  ULS_CHECK(bytes.size() >= kEndBytes, "not a zip archive; got {} bytes; expected at least {}", bytes.size(),
            kEndBytes);
  std::uint64_t end = bytes.size() - kEndBytes;
  ByteReader reader = reader_at(bytes, end);
  expect_signature(reader, kEnd, "end of the zip archive (cut off, or with a comment)");
  const auto disk = reader.number<std::uint16_t>(), first_disk = reader.number<std::uint16_t>();
  const auto on_disk = reader.number<std::uint16_t>(), in_all = reader.number<std::uint16_t>();
  Directory directory{};
  directory.entries = in_all;
  directory.bytes = reader.number<std::uint32_t>();
  directory.begin = reader.number<std::uint32_t>();
  ULS_CHECK(disk == 0 && first_disk == 0 && on_disk == in_all,
            "archive in several parts; got part {}; expected one alone", disk);
  const bool has_locator =
      end >= kLocatorBytes && reader_at(bytes, end - kLocatorBytes).number<std::uint32_t>() == kLocator;
  const bool is_large = directory.entries == kIn16 || directory.bytes == kIn32 || directory.begin == kIn32;
  ULS_CHECK(has_locator || !is_large, "zip64 directory missing; got {} entries; expected a locator",
            directory.entries);
  if (has_locator) {
    end -= kLocatorBytes;
    ByteReader locator = reader_at(bytes, end + 4);
    locator.take(4);  // disk
    const auto record_begin = locator.number<std::uint64_t>();
    ByteReader record = reader_at(bytes, record_begin);
    expect_signature(record, kEnd64, "zip64 directory");
    const auto record_bytes = record.number<std::uint64_t>();
    ULS_CHECK(record_begin + kEnd64Bytes <= end && record_bytes == end - record_begin - 12,
              "zip64 directory: wrong place or size; got {} bytes from {}; expected them to end at {}",
              record_bytes, record_begin, end);
    record.take(2 + 2 + 4 + 4 + 8);  // versions, disks, entries on this disk
    const Directory small = std::exchange(
        directory, Directory{.begin = 0, .bytes = 0, .entries = record.number<std::uint64_t>()});
    directory.bytes = record.number<std::uint64_t>();
    directory.begin = record.number<std::uint64_t>();
    const auto agree = [](std::uint64_t value, std::uint64_t large, std::uint64_t elsewhere) {
      return value == elsewhere || value == large;
    };
    ULS_CHECK(agree(small.entries, kIn16, directory.entries) && agree(small.bytes, kIn32, directory.bytes) &&
                  agree(small.begin, kIn32, directory.begin),
              "directories disagree; got {} and {} entries; expected equal ones", small.entries,
              directory.entries);
    end = record_begin;
  }
  ULS_CHECK(directory.begin <= end && directory.bytes == end - directory.begin,
            "directory: wrong place; got {} bytes from {}; expected them to end at {}", directory.bytes,
            directory.begin, end);
  ULS_CHECK(directory.entries <= directory.bytes / kRecordBytes,
            "directory: too short; got {} bytes for {} entries; expected {} each", directory.bytes,
            directory.entries, kRecordBytes);
  return directory;
}

// What both headers of an entry tell.
struct Header {
  std::uint16_t flags, method;
  std::uint32_t checksum;
  std::uint64_t packed, size, offset;  // offset: in the directory alone
  std::string_view name;
};

// From the flags to the sizes, which both headers order alike.
Header read_fields(ByteReader& reader) {
  Header header{};
  header.flags = reader.number<std::uint16_t>();
  header.method = reader.number<std::uint16_t>();
  reader.take(4);  // time and date
  header.checksum = reader.number<std::uint32_t>();
  header.packed = reader.number<std::uint32_t>();
  header.size = reader.number<std::uint32_t>();
  return header;
}

// Numbers that did not fit into 32 bits stand in an extra field, in this order.
void read_large(std::string_view extra, Header& header) {
  ByteReader reader(extra);
  while (reader.left() >= 4) {
    const auto id = reader.number<std::uint16_t>();
    ByteReader field(reader.take(reader.number<std::uint16_t>()));
    if (id != kLargeField) continue;
    for (std::uint64_t* number : {&header.size, &header.packed, &header.offset})
      if (*number == kIn32) *number = field.number<std::uint64_t>();
    return;
  }
}

Header read_record(ByteReader& reader) {
  expect_signature(reader, kRecord, "entry of the directory");
  reader.take(2 + 2);  // versions
  Header header = read_fields(reader);
  const auto name_bytes = reader.number<std::uint16_t>(), extra_bytes = reader.number<std::uint16_t>(),
             comment_bytes = reader.number<std::uint16_t>();
  reader.take(2 + 2 + 4);  // disk, attributes
  header.offset = reader.number<std::uint32_t>();
  header.name = reader.take(name_bytes);
  read_large(reader.take(extra_bytes), header);
  reader.take(comment_bytes);
  return header;
}

void check_name(std::string_view name) {
  const std::string slashed = "/" + std::string(name) + "/";
  ULS_CHECK(!name.empty() && name.front() != '/' && is_utf8(name) &&
                name.find_first_of(std::string_view("\\\0", 2)) == name.npos &&
                slashed.find("/../") == slashed.npos && slashed.find("/./") == slashed.npos,
            "unfit name; got {}; expected a relative path with slashes", shown(name));
}

void check_record(const Header& header) {
  // Text encoding, data descriptor, and how hard the packer tried; encryption and patches are others.
  constexpr std::uint16_t kHarmless = kUtf8 | kDescriptor | 6;
  ULS_CHECK((header.flags & ~kHarmless) == 0, "unknown feature; got flags {:#x}; expected no encryption",
            header.flags);
  ULS_CHECK(header.method == kStored || header.method == kDeflated,
            "unknown compression; got method {}; expected stored or deflated", header.method);
  ULS_CHECK(header.method == kDeflated || header.packed == header.size,
            "stored, but in another size; got {} bytes; expected {}", header.packed, header.size);
  // Deflate cannot do better than 1 : 1032.
  constexpr std::uint64_t kMostRatio = 1100;
  ULS_CHECK(header.size / kMostRatio <= header.packed,
            "unpacks to too much; got {} bytes from {}; expected {} times", header.size, header.packed,
            kMostRatio);
}

// Sizes and checksum behind the data, with or without a signature and in 32 or 64 bits.
std::uint64_t descriptor_bytes(std::string_view after, const Header& header) {
  ByteReader reader(after);
  const auto follow = [&](auto... values) {
    ByteReader next = reader;
    const bool all = ((next.left() >= sizeof values && next.number<decltype(values)>() == values) && ...);
    if (all) reader = next;
    return all;
  };
  follow(kDescriptorSignature);
  const bool found = follow(header.checksum, header.packed, header.size) ||
                     follow(header.checksum, std::uint32_t(header.packed), std::uint32_t(header.size));
  ULS_CHECK(found, "behind the data: no such checksum and sizes; got others; expected {:#010x}, {} and {}",
            header.checksum, header.packed, header.size);
  return reader.position();
}

// Checks what stands before and behind the data against the directory; gives where the data begins and where
// the entry ends.
std::pair<std::uint64_t, std::uint64_t> check_local(std::string_view bytes, const Header& record) {
  ByteReader reader = reader_at(bytes, record.offset);
  expect_signature(reader, kLocal, "header before the data");
  reader.take(2);  // version
  Header local = read_fields(reader);
  const auto name_bytes = reader.number<std::uint16_t>(), extra_bytes = reader.number<std::uint16_t>();
  local.name = reader.take(name_bytes);
  read_large(reader.take(extra_bytes), local);
  const bool is_later = record.flags & kDescriptor;
  const auto agree = [&](std::uint64_t here, std::uint64_t there) {
    return here == there || (is_later && here == 0);
  };
  ULS_CHECK(local.name == record.name && local.method == record.method && local.flags == record.flags &&
                agree(local.checksum, record.checksum) && agree(local.packed, record.packed) &&
                agree(local.size, record.size),
            "header before the data differs from the directory; got {} with {} bytes; expected {} with {}",
            shown(local.name), local.size, shown(record.name), record.size);
  const std::uint64_t begin = record.offset + reader.position();
  reader.take(record.packed);
  const std::uint64_t end = begin + record.packed;
  return {begin, is_later ? end + descriptor_bytes(bytes.substr(std::size_t(end)), record) : end};
}

}  // namespace

ZipFile::ZipFile(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {
  const std::string_view bytes = file_->text();
  const Directory directory = find_directory(bytes);
  const std::string_view before = bytes.substr(0, std::size_t(directory.begin));
  ByteReader reader(bytes.substr(std::size_t(directory.begin), std::size_t(directory.bytes)));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  Growth unpacked("the unpacked entries", file_->size());
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    const Header record = read_record(reader);
    at_place("entry " + shown(record.name), [&] {
      check_name(record.name);
      check_record(record);
      const auto [begin, end] = check_local(before, record);
      ranges.emplace_back(record.offset, end);
      const bool deflated = record.method == kDeflated;
      if (deflated) unpacked.add(std::int64_t(record.size));
      ULS_CHECK(index_.emplace(record.name, entries_.size()).second,
                "a name twice; got it again; expected it once");
      entries_.push_back({std::string(record.name), std::int64_t(record.size), std::int64_t(record.packed),
                          deflated, record.checksum, std::int64_t(begin)});
    });
  }
  ULS_CHECK(reader.left() == 0, "directory: bytes after its last entry; got {}; expected none",
            reader.left());
  std::ranges::sort(ranges);
  for (std::size_t i = 1; i < ranges.size(); ++i)
    ULS_CHECK(ranges[i - 1].second <= ranges[i].first,
              "entries overlap; got one from {} in one until {}; expected none", ranges[i].first,
              ranges[i - 1].second);
}

const ZipEntry* ZipFile::find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

HeldBytes ZipFile::read(const ZipEntry& entry) const {
  HeldBytes bytes{file_->data() + entry.begin, entry.size, file_};
  if (entry.deflated) {
    const auto unpacked = std::make_shared<std::vector<char>>(std::size_t(entry.size));
    inflate_into({bytes.data, std::size_t(entry.packed)}, unpacked->data(), entry.size);
    bytes = {unpacked->data(), entry.size, unpacked};
  }
  const std::uint32_t checksum = entry.checksum ? crc32(0, bytes.data, bytes.size) : 0;
  ULS_CHECK(checksum == entry.checksum, "entry {}: damaged; got checksum {:#010x}; expected {:#010x}",
            shown(entry.name), checksum, entry.checksum);
  return bytes;
}

}  // namespace uls
