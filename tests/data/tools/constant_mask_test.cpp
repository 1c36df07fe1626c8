// SPDX-License-Identifier: Apache-2.0
#include "data/tools/constant_mask.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/data/loader/memory_dataset.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

// A picture of 96 x 96 pixels, which is the mean map's own grid, whose first `columns` are the mask.
Sample columns_of(const std::string& id, const std::string& split, double columns, const std::string& text,
                  const std::string& kind = "") {
  Sample sample{.id = id, .image = id, .height = 96, .width = 96, .split = split};
  sample.regions.push_back({.mask = box_mask({0, 0, columns, 96}, 96, 96)});
  sample.targets.push_back({.id = id + "/0",
                            .texts = {text},
                            .regions = {0},
                            .task = Task::semantic,
                            .granularity = Granularity::coarse,
                            .kind = kind});
  return sample;
}

const ConstantRow& row_of(const std::vector<ConstantRow>& rows, const std::string& group) {
  for (const ConstantRow& row : rows)
    if (row.group == group) return row;
  FAIL("no row " << group);
  return rows[0];
}

}  // namespace

TEST_CASE("constant masks: worked out by hand") {
  // Means: of all cats 1 on columns 0 to 23, 1/2 on 24 to 47; of dogs 1 on 0 to 11; of everything 1 on 0 to
  // 11, 2/3 to 23, 1/3 to 47.
  std::vector<Sample> samples{columns_of("s0", "train", 48, "all cats"),
                              columns_of("s1", "train", 24, "all cats", "big"),
                              columns_of("s2", "train", 12, "all dogs")};
  // Cats: painting 0 to 23 gives (24 + 12) / (48 + 24) = 1/2, 0 to 47 (48 + 12) / (48 + 48) = 5/8.
  samples.push_back(columns_of("s3", "val", 48, "all cats", "big"));
  samples.push_back(columns_of("s4", "val", 12, "all cats"));
  samples.push_back(columns_of("s5", "val", 12, "all dogs"));
  samples.push_back(columns_of("s6", "val", 10, "all birds"));  // of which no mask is known
  const auto rows = constant_rows(MemoryDataset("mem", samples), "train", "val");
  REQUIRE(rows.size() == 6);

  const ConstantRow& cats = row_of(rows, "class all cats");
  CHECK((cats.sentences == 2 && cats.averaged == 2));
  CHECK((cats.intersection == 60 * 96 && cats.united == 96 * 96));
  CHECK((cats.threshold > 0.49 && cats.threshold < 0.51));
  CHECK(row_of(rows, "class all dogs").overall_iou() == 1);
  const ConstantRow& birds = row_of(rows, "class all birds");
  CHECK((birds.averaged == 0 && birds.intersection == 0 && birds.united == 10 * 96));
  // One mask for all: birds too; 0 to 11: 46 of 84, 0 to 23: 58 of 120, 0 to 47: 82 of 192.
  const ConstantRow& all = row_of(rows, "all");
  CHECK((all.sentences == 4 && all.averaged == 3));
  CHECK(all.overall_iou() == Approx(46.0 / 84));
  const ConstantRow& by_class = row_of(rows, "by class");
  CHECK((by_class.sentences == 4 && std::isnan(by_class.threshold)));
  CHECK(by_class.overall_iou() == Approx((60.0 + 12) / (96 + 12 + 10)));
  // The kind has the mean of s1 alone.
  CHECK(row_of(rows, "kind big").overall_iou() == Approx(0.5));
}

TEST_CASE("constant masks: ignored pixels are neither averaged nor scored") {
  std::vector<Sample> samples{columns_of("s0", "train", 48, "all cats"),
                              columns_of("s1", "train", 24, "all cats"),
                              columns_of("s2", "val", 48, "all cats")};
  // What of s1 is no cat is unknown, so up to column 47 all that is known is cat.
  samples[1].ignore = box_mask({24, 0, 24, 96}, 96, 96);
  // Half of the cat of s2 is ignored, and so is what the mask would paint there.
  samples[2].ignore = box_mask({0, 0, 24, 96}, 96, 96);
  const auto rows = constant_rows(MemoryDataset("mem", samples), "train", "val");
  const ConstantRow& cats = row_of(rows, "class all cats");
  CHECK((cats.intersection == 24 * 96 && cats.united == 24 * 96));
  CHECK(cats.threshold > 0.99);
}

TEST_CASE("constant masks: splits that do not fit") {
  const MemoryDataset set("mem", {columns_of("s0", "train", 48, "x"), columns_of("s1", "val", 48, "x")});
  CHECK_THAT(error_of([&] { constant_rows(set, "train", "vall"); }),
             Catch::Contains("baselines: mem has no split 'vall'"));
  CHECK(error_of([&] { constant_rows(set, "val", "val"); }) ==
        "baselines: one split for both; got 'val'; expected masks of another split");
}

TEST_CASE("data baselines: constant masks from the command", "[program]") {
  const Folder folder;
  write_small_set(folder / "set", 12);
  const auto result = run_process({ULS_PROGRAM, "data", "baselines", folder / "set", "--constant", "train",
                                   "--split", "val", "--json", folder / "rows.json"});
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK_THAT(result.out, Catch::Contains("| semantic        | class cat "));
  const Json json = read_json_file(folder / "rows.json");
  CHECK(json.at("averaged").as_string() == "train");
  CHECK(json.at("rows").size() > 2);
  CHECK(run_process({ULS_PROGRAM, "data", "baselines", folder / "set", "--constant", "train"}).code == 2);
}
