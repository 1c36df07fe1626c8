// SPDX-License-Identifier: Apache-2.0
#include "data/format/sample_lines.h"

#include <algorithm>
#include <cstring>

#include "core/base/log.h"
#include "core/io/byte_reader.h"
#include "core/io/crc32.h"
#include "core/io/foreign_text.h"
#include "data/format/data_error.h"

namespace uls {
namespace {

constexpr std::string_view kMagic = "unilseg index 1\n";
static_assert(kMagic.size() == 16);

// Behind it lie samples + 1 offsets, the rows of the targets, and the splits' names, each with a line end.
struct Header {
  char magic[16];
  std::int64_t bytes, samples, targets, split_bytes;
  std::uint32_t ends;      // of the lines
  std::uint32_t checksum;  // of the header up to here and of the names
};
static_assert(sizeof(Header) == 56);

std::uint32_t checksum_of(const Header& header, std::string_view names) {
  const std::uint32_t sum = crc32(0, reinterpret_cast<const char*>(&header), offsetof(Header, checksum));
  return crc32(sum, names);
}

// Checksum of the first and the last 64 KiB: what opening can afford.
std::uint32_t ends_of(std::string_view lines) {
  const std::size_t piece = std::min<std::size_t>(lines.size(), 64 << 10);
  const std::uint32_t head = crc32(0, lines.substr(0, piece));
  return crc32(head, lines.substr(lines.size() - piece));
}

template <typename T>
void append(std::string& text, const T* data, std::size_t count) {
  text.append(reinterpret_cast<const char*>(data), count * sizeof(T));
}

}  // namespace

Sample parse_sample_line(std::string_view line, const std::string& path, std::int64_t index) {
  return as_data_error([&] { return sample_from_json(Json::parse(line, path, index + 1)); });
}

bool IndexBuilder::insert(Ids& ids, const std::string& id) {
  const std::hash<std::string_view> hash;
  return ids.insert({hash(id), hash(id + '\n' + id)}).second;
}

void IndexBuilder::add(const Sample& sample, std::int64_t bytes, const std::string& place) {
  ULS_CHECK(insert(sample_ids_, sample.id), "{}: sample {} is there already; expected each id once", place,
            shown(sample.id));
  for (const Target& target : sample.targets) {
    ULS_CHECK(insert(target_ids_, target.id), "{}: target {} is there already; expected each id once", place,
              shown(target.id));
    check_category(target, manifest_, fmt::format("{}: target {}", place, shown(target.id)));
  }
  add_any(sample, bytes);
}

void IndexBuilder::add_any(const Sample& sample, std::int64_t bytes) {
  targets_.add(sample);
  offsets_.push_back(offsets_.back() + bytes);
}

std::string IndexBuilder::finish(std::string_view lines) const {
  ULS_ASSERT(std::int64_t(lines.size()) == offsets_.back(), "{} bytes of lines; counted {}", lines.size(),
             offsets_.back());
  std::string names;
  for (const std::string& split : targets_.splits()) names += split + '\n';
  Header header{{},
                std::int64_t(lines.size()),
                targets_.samples(),
                std::int64_t(targets_.rows().size()),
                std::int64_t(names.size()),
                ends_of(lines),
                0};
  std::memcpy(header.magic, kMagic.data(), kMagic.size());
  header.checksum = checksum_of(header, names);
  std::string file;
  append(file, &header, 1);
  append(file, offsets_.data(), offsets_.size());
  append(file, targets_.rows().data(), targets_.rows().size());
  return file += names;
}

void index_lines(std::string_view lines, const std::string& path, IndexBuilder& builder) {
  std::int64_t index = 0;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string place = fmt::format("{}:{}", path, index + 1);
    if (end == std::string_view::npos) throw DataError(place + ": cut short; the line has no end");
    as_data_error([&] {
      builder.add(parse_sample_line(lines.substr(0, end), path, index), std::int64_t(end) + 1, place);
    });
    lines.remove_prefix(end + 1);
    ++index;
  }
}

void index_any_lines(std::string_view lines, const std::string& path, IndexBuilder& builder) {
  for (std::int64_t index = 0; !lines.empty(); ++index) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::size_t bytes = std::min(end + 1, lines.size());
    Sample sample;
    try {
      sample = parse_sample_line(lines.substr(0, end), path, index);
    } catch (const DataError& error) {
      log_debug("{}", error.what());  // who asks for the sample gets it too
    }
    builder.add_any(sample, std::int64_t(bytes));
    lines.remove_prefix(bytes);
  }
}

LineIndex::LineIndex(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {
  const std::string where = file_->path() + ": damaged index; delete it, and it is made anew";
  const std::string_view all = file_->text();
  if (all.size() < sizeof(Header)) throw DataError(where);
  Header header;
  std::memcpy(&header, all.data(), sizeof header);
  // Each is checked by itself before they are added up.
  const std::int64_t size = std::int64_t(all.size());
  const auto fits = [&](std::int64_t count, std::int64_t each) { return count >= 0 && count <= size / each; };
  if (std::string_view(header.magic, kMagic.size()) != kMagic || !fits(header.samples, 8) ||
      !fits(header.targets, sizeof(TargetRow)) || !fits(header.split_bytes, 1))
    throw DataError(where);
  const std::int64_t offset_bytes = 8 * (header.samples + 1),
                     row_bytes = std::int64_t(sizeof(TargetRow)) * header.targets;
  if (std::int64_t(sizeof header) + offset_bytes + row_bytes + header.split_bytes != size)
    throw DataError(where);
  offsets_ = all.substr(sizeof header, std::size_t(offset_bytes));
  const std::string_view rows = all.substr(sizeof header + offsets_.size(), std::size_t(row_bytes));
  std::string_view names = all.substr(all.size() - std::size_t(header.split_bytes));
  if (header.checksum != checksum_of(header, names)) throw DataError(where);
  ByteReader reader(names);
  while (reader.left() > 0) splits_.emplace_back(as_data_error([&] { return reader.line(); }));
  samples_ = header.samples;
  bytes_ = header.bytes;
  ends_ = header.ends;
  targets_ = TargetTable(rows, samples_, std::int64_t(splits_.size()), file_->path());
}

bool LineIndex::belongs_to(std::string_view lines) const {
  return std::int64_t(lines.size()) == bytes_ && ends_of(lines) == ends_;
}

std::int64_t LineIndex::offset(std::int64_t index) const {
  std::int64_t value;
  std::memcpy(&value, offsets_.data() + index * 8, sizeof value);
  return value;
}

std::string_view LineIndex::line(std::string_view lines, std::int64_t index) const {
  ULS_CHECK(index >= 0 && index < samples_, "{}: no sample {}; expected 0 to {}", file_->path(), index,
            samples_ - 1);
  const std::int64_t first = offset(index), end = offset(index + 1);
  if (first < 0 || first >= end || end > std::int64_t(lines.size()))
    throw DataError(
        fmt::format("{}: damaged at sample {}; delete it, and it is made anew", file_->path(), index));
  return lines.substr(std::size_t(first), std::size_t(end - first - 1));
}

}  // namespace uls
