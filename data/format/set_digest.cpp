// SPDX-License-Identifier: Apache-2.0
#include "data/format/set_digest.h"

#include "core/io/sha256.h"
#include "data/format/file_bytes.h"
#include "data/format/folder_dataset.h"
#include "data/format/inner_path.h"
#include "data/format/shard_dataset.h"

namespace uls {

std::string set_digest(const std::string& path) {
  const char* const content = is_sharded(path) ? kIndexName : kLinesName;
  // Of two sums: a line that moves from one file to the other is seen.
  return sha256(sha256(map_data_file(join_path(path, kManifestName))->text()) +
                sha256(map_data_file(join_path(path, content))->text()));
}

}  // namespace uls
