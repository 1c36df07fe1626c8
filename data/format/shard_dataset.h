// SPDX-License-Identifier: Apache-2.0
// The form of a set that travels and streams: tar files that the webdataset package reads too. Sample 345 is
// the files 000000345.json and 000000345.jpg (or another ending) of one of them, next to each other.
//
//   manifest.json  shards.json  index.bin  shard-000000.tar  shard-000001.tar ...
//
// A sample's `image` is the image's name in the shard; masks are runs, never PNGs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/format/dataset.h"

namespace uls {

/// Tells this form from the folder form; how the shards were cut.
inline constexpr const char* kShardsName = "shards.json";

bool is_sharded(const std::string& path);

/// Every file is mapped, and its size compared with the index. Raises DataError naming a shard that is
/// missing or has another size. Reading compares the checksum of what it reads.
std::unique_ptr<Dataset> open_shard_dataset(const std::string& path);

struct ShardFault {
  std::string place{}, text{};
};
/// What differs in whole shards from what was written: each byte counts, also those that no sample reads.
/// Nothing for a set of the folder form.
std::vector<ShardFault> shard_faults(const Dataset& dataset);

}  // namespace uls
