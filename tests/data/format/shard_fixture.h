// SPDX-License-Identifier: Apache-2.0
// Sets in shards for tests.
#pragma once

#include <map>
#include <string>

#include "data/format/dataset.h"

namespace uls::test {

/// Name and content of every file in the folder and below.
std::map<std::string, std::string> content_of(const std::string& path);

/// The set in `from`, packed into `to` as `data shard` does, in this process.
void pack(const std::string& from, const std::string& to, std::int64_t shard_bytes);

/// Requires that both hold the same: samples but for their images' names, the images' bytes, masks, label
/// maps and the index.
void require_same_sets(const Dataset& a, const Dataset& b);

}  // namespace uls::test
