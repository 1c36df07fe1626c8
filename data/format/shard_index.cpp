// SPDX-License-Identifier: Apache-2.0
#include "data/format/shard_index.h"

#include <cstring>
#include <utility>

#include "core/io/byte_reader.h"
#include "core/io/crc32.h"
#include "data/format/data_error.h"

namespace uls {
namespace {

constexpr std::string_view kMagic("uls-shards-1\n\0\0\0", 16);

// Behind it lie the rows of the shards, of the samples and of the targets, and the splits' names, each with a
// line end.
struct Header {
  char magic[16];
  std::int64_t shards, samples, targets, split_bytes;
  std::uint32_t checksum;  // of what opening reads: the header with 0 here, the shards' rows, the names
  std::uint32_t unused;
};
static_assert(sizeof(Header) == 56);

std::uint32_t checksum_of(Header header, std::string_view shards, std::string_view names) {
  header.checksum = 0;
  std::uint32_t sum = crc32(0, reinterpret_cast<const char*>(&header), sizeof header);
  sum = crc32(sum, shards);
  return crc32(sum, names);
}

template <typename Row>
std::string_view bytes_of(const std::vector<Row>& rows) {
  return {reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(Row)};
}

}  // namespace

std::string shard_name(std::int64_t shard) { return fmt::format("shard-{:06}.tar", shard); }

std::string sample_key(std::int64_t sample) { return fmt::format("{:09}", sample); }

std::string shard_index_bytes(const std::vector<ShardRow>& shards, const std::vector<ShardSampleRow>& samples,
                              const TargetTableBuilder& targets) {
  std::string names;
  for (const std::string& split : targets.splits()) names += split + '\n';
  Header header{{},
                std::int64_t(shards.size()),
                std::int64_t(samples.size()),
                std::int64_t(targets.rows().size()),
                std::int64_t(names.size()),
                0,
                0};
  std::memcpy(header.magic, kMagic.data(), kMagic.size());
  header.checksum = checksum_of(header, bytes_of(shards), names);
  std::string file(reinterpret_cast<const char*>(&header), sizeof header);
  file += bytes_of(shards);
  file += bytes_of(samples);
  file += bytes_of(targets.rows());
  return file += names;
}

ShardIndex::ShardIndex(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {
  const DataError damaged(file_->path() +
                          ": damaged index; got another size or checksum than its header says; delete "
                          "manifest.json and run data shard again, which keeps the shards");
  const std::string_view all = file_->text();
  Header header;
  if (all.size() < sizeof header) throw damaged;
  std::memcpy(&header, all.data(), sizeof header);
  ByteReader reader(all.substr(sizeof header));
  // Each is checked by itself before it is multiplied.
  const auto take = [&](std::int64_t count, std::size_t each) {
    if (count < 0 || std::uint64_t(count) > reader.left() / each) throw damaged;
    return reader.take(std::uint64_t(count) * each);
  };
  const std::string_view shards = take(header.shards, sizeof(ShardRow));
  rows_ = take(header.samples, sizeof(ShardSampleRow));
  const std::string_view targets = take(header.targets, sizeof(TargetRow));
  const std::string_view names = take(header.split_bytes, 1);
  if (std::string_view(header.magic, kMagic.size()) != kMagic || reader.left() > 0 ||
      header.checksum != checksum_of(header, shards, names))
    throw damaged;
  shards_.resize(std::size_t(header.shards));
  std::memcpy(shards_.data(), shards.data(), shards.size());
  for (ByteReader lines(names); lines.left() > 0;)
    splits_.emplace_back(as_data_error([&] { return lines.line(); }));
  targets_ = TargetTable(targets, header.samples, std::int64_t(splits_.size()), file_->path());
}

ShardSampleRow ShardIndex::sample(std::int64_t index) const {
  ULS_CHECK(index >= 0 && index < samples(), "{}: no sample {}; expected 0 to {}", file_->path(), index,
            samples() - 1);
  ShardSampleRow row;
  std::memcpy(&row, rows_.data() + index * std::int64_t(sizeof row), sizeof row);
  if (row.shard >= shards_.size() || row.at < 0 || row.at >= shards_[row.shard].bytes)
    throw DataError(
        fmt::format("{}: damaged at sample {}; got byte {} of shard {}; expected one of {} shards",
                    file_->path(), index, row.at, row.shard, shards_.size()));
  return row;
}

}  // namespace uls
