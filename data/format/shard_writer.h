// SPDX-License-Identifier: Apache-2.0
// Writing a set of the unified format as shards (shard_dataset.h). A shard appears when it is whole; killed
// at any moment and started again with the same samples, the result has the same bytes, and whole shards are
// kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/format/manifest.h"

namespace uls {

class ShardWriter {
 public:
  /// Begins the set in `path`, or goes on with one that was interrupted. A shard ends before it exceeds
  /// `shard_bytes`, but holds at least one sample. Raises Error where a complete set, another one or one with
  /// another `shard_bytes` is there already; DataError for a shard that is damaged.
  ShardWriter(const std::string& path, const Manifest& manifest, std::int64_t shard_bytes);
  /// A shard that is not whole goes away.
  ~ShardWriter();

  /// Samples in shards that were whole before.
  std::int64_t done() const;
  /// The next sample, with masks as runs, and its encoded image. `ending` is the image's: "jpg". For the
  /// first done() samples the image is ignored: only the sample is compared with what the shard holds, and
  /// another raises Error.
  void add(const Sample& sample, const std::string& ending, std::string_view image);
  /// The last shard, the index and manifest.json, which makes the set complete. Once, and last.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uls
