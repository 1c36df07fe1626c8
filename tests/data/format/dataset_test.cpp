// SPDX-License-Identifier: Apache-2.0
// A set that is written, interrupted, taken up again and read.
#include "data/format/dataset.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "core/base/error.h"
#include "data/format/data_error.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/data/format/shard_fixture.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

TEST_CASE("dataset: what is written is read") {
  const Folder folder;
  write_small_set(folder / "set", 5);
  const auto set = Dataset::open(folder / "set");
  REQUIRE(set->size() == 5);
  REQUIRE(set->target_count() == 15);
  CHECK(set->splits() == std::vector<std::string>{"train", "val"});
  CHECK(set->manifest().samples == std::map<std::string, std::int64_t>{{"train", 4}, {"val", 1}});
  CHECK(set->manifest().targets == std::map<std::string, std::int64_t>{{"train", 12}, {"val", 3}});
  for (std::int64_t n = 0; n < 5; ++n) {
    const Sample sample = set->sample(n);
    CHECK(to_json(sample) == to_json(small_sample(n)));
    CHECK(set->image(sample).pixels == small_image(n).pixels);
    for (std::int32_t t = 0; t < 3; ++t) {
      const TargetRef ref = set->target(3 * n + t);
      CHECK((ref.sample == n && ref.target == t));
      CHECK(ref.task == sample.targets[std::size_t(t)].task);
      CHECK(set->splits()[std::size_t(ref.split)] == sample.split);
    }
    CHECK(set->target_rle(sample, sample.targets[0]) == sample.regions[0].mask);
    CHECK(area(set->target_rle(sample, sample.targets[1])) == 10);
    CHECK(set->target_mask(sample, sample.targets[1]) ==
          decode_mask(set->target_rle(sample, sample.targets[1])));
    CHECK(set->target_rle(sample, sample.targets[2]) == empty_mask(4, 6));
    const LabelMap map = set->label_map(sample, Task::semantic);
    CHECK(map.labels == std::vector<std::uint16_t>{1, 1, 0, 0, 0, 255, 1, 1, 0, 1, 1, 0,  //
                                                   0, 0, 0, 1, 1, 0,   0, 0, 0, 1, 1, 0});
  }
  CHECK(error_of([&] { set->sample(5); }).ends_with("index.bin: no sample 5; expected 0 to 4"));
  CHECK(error_of([&] { set->target(15); }).ends_with("index.bin: no target 15; expected 0 to 14"));
}

TEST_CASE("dataset: interrupted anywhere, the result has the same bytes") {
  const Folder folder;
  write_small_set(folder / "whole", 6);
  const auto whole = content_of(folder / "whole");
  CHECK(whole.size() == 9);
  const std::string& lines = whole.at("samples.jsonl");
  for (std::size_t cut = 0; cut <= lines.size(); cut += 97) {
    INFO(cut);
    const std::string path = folder / "part";
    fs::remove_all(path);
    { DatasetWriter begun(path, small_manifest()); }
    put(path + "/samples.jsonl.part", lines.substr(0, cut));
    put(path + "/images/3.png.tmp-77-0", "half");
    DatasetWriter writer(path, small_manifest());
    CHECK(writer.done() == std::count(lines.begin(), lines.begin() + std::ptrdiff_t(cut), '\n'));
    for (std::int64_t n = 0; n < 6; ++n) {
      writer.add_file(small_sample(n).image, encode_png(small_image(n)));
      if (n >= writer.done()) writer.add(small_sample(n));
    }
    writer.finish();
    CHECK(content_of(path) == whole);
  }
}

TEST_CASE("dataset: interrupted while it is finished, the result has the same bytes") {
  const Folder folder;
  write_small_set(folder / "set", 3);
  const auto whole = content_of(folder / "set");
  const auto finish_again = [&] {
    DatasetWriter writer(folder / "set", small_manifest());
    CHECK(writer.done() == 3);
    writer.finish();
    CHECK(content_of(folder / "set") == whole);
  };
  fs::rename(folder / "set/manifest.json", folder / "set/manifest.json.part");
  finish_again();
  fs::rename(folder / "set/manifest.json", folder / "set/manifest.json.part");
  fs::rename(folder / "set/samples.jsonl", folder / "set/samples.jsonl.part");
  finish_again();
}

TEST_CASE("dataset: an edited file gets a new index") {
  const Folder folder;
  write_small_set(folder / "set", 4);
  const std::string lines = get(folder / "set/samples.jsonl");
  put(folder / "set/samples.jsonl", lines.substr(lines.find('\n') + 1));
  CHECK(Dataset::open(folder / "set")->sample(0).id == "s001");
  const std::string index = get(folder / "set/index.bin");
  fs::remove(folder / "set/index.bin");
  CHECK(Dataset::open(folder / "set")->target_count() == 9);
  CHECK(get(folder / "set/index.bin") == index);
}
