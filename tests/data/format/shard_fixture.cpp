// SPDX-License-Identifier: Apache-2.0
#include "tests/data/format/shard_fixture.h"

#include <catch2/catch.hpp>

#include <filesystem>

#include "data/format/shard_writer.h"
#include "data/tools/image_ending.h"
#include "data/tools/region_mask.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"

namespace uls::test {

namespace fs = std::filesystem;

std::map<std::string, std::string> content_of(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), path).string()] = get(entry.path().string());
  return files;
}

void pack(const std::string& from, const std::string& to, std::int64_t shard_bytes) {
  const auto set = Dataset::open(from);
  ShardWriter writer(to, set->manifest(), shard_bytes);
  for (std::int64_t i = 0; i < set->size(); ++i) {
    const Sample sample = set->sample(i);
    writer.add(with_runs(*set, sample), image_ending(sample), set->image_bytes(sample));
  }
  writer.finish();
}

void require_same_sets(const Dataset& a, const Dataset& b) {
  REQUIRE(a.size() == b.size());
  REQUIRE(a.target_count() == b.target_count());
  CHECK(a.splits() == b.splits());
  CHECK(a.manifest().samples == b.manifest().samples);
  CHECK(a.manifest().targets == b.manifest().targets);
  for (std::int64_t i = 0; i < a.target_count(); ++i) {
    const TargetRef x = a.target(i), y = b.target(i);
    CHECK((x.sample == y.sample && x.target == y.target && x.task == y.task && x.split == y.split));
  }
  for (std::int64_t i = 0; i < a.size(); ++i) {
    INFO(i);
    const Sample x = a.sample(i), y = b.sample(i);
    Sample renamed = with_runs(a, x);
    renamed.image = y.image;
    CHECK(to_json(renamed) == to_json(with_runs(b, y)));
    CHECK(a.image_bytes(x) == b.image_bytes(y));
    for (std::size_t t = 0; t < x.targets.size(); ++t) {
      CHECK(a.target_rle(x, x.targets[t]) == b.target_rle(y, y.targets[t]));
      CHECK(a.target_mask(x, x.targets[t]) == b.target_mask(y, y.targets[t]));
    }
    for (const auto& [task, list] : a.manifest().class_lists)
      CHECK(a.label_map(x, task).labels == b.label_map(y, task).labels);
  }
}

}  // namespace uls::test
