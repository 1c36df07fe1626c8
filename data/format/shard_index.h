// SPDX-License-Identifier: Apache-2.0
// index.bin of a sharded set: where each sample lies, and the checksums of everything (data/FORMAT.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/mapped_file.h"
#include "data/format/target_table.h"

namespace uls {

/// As the file has them, little-endian.
struct ShardRow {
  std::int64_t bytes, samples;
  std::uint32_t checksum;  // CRC-32 of all of it
  std::uint32_t unused;
};
struct ShardSampleRow {
  std::int64_t at;  // the first header's byte in the shard: that of the JSON; the image follows
  std::uint32_t shard;
  std::uint32_t json, image;  // CRC-32 of the contents
  std::uint32_t unused;
};
static_assert(sizeof(ShardRow) == 24 && sizeof(ShardSampleRow) == 24);

/// "shard-000012.tar".
std::string shard_name(std::int64_t shard);
/// "000000345", which names the sample's files in its shard.
std::string sample_key(std::int64_t sample);

std::string shard_index_bytes(const std::vector<ShardRow>& shards, const std::vector<ShardSampleRow>& samples,
                              const TargetTableBuilder& targets);

/// The file, used where it is mapped.
class ShardIndex {
 public:
  /// Raises DataError, naming the file, for one that is damaged.
  explicit ShardIndex(std::shared_ptr<const MappedFile> file);

  const std::vector<ShardRow>& shards() const { return shards_; }
  std::int64_t samples() const { return std::int64_t(rows_.size() / sizeof(ShardSampleRow)); }
  /// Raises Error for a number out of range, DataError for a row that no writer would write.
  ShardSampleRow sample(std::int64_t index) const;
  const TargetTable& targets() const { return targets_; }
  const std::vector<std::string>& splits() const { return splits_; }

 private:
  std::shared_ptr<const MappedFile> file_;
  std::vector<ShardRow> shards_{};
  std::string_view rows_{};  // of the samples
  TargetTable targets_{};
  std::vector<std::string> splits_{};
};

}  // namespace uls
