// SPDX-License-Identifier: Apache-2.0
// Numbers against hand-counted ones.
#include <catch2/catch.hpp>

#include "data/format/dataset_writer.h"
#include "data/tools/stats.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/support/process.h"

using namespace uls;
using namespace uls::test;

namespace {

// Seven small samples, of which 2 and 5 are of split val, and two frames of a clip.
void write_set(const std::string& path) {
  DatasetWriter writer(path, small_manifest());
  for (std::int64_t n = 0; n < 7; ++n) writer.add(small_sample(n));
  for (std::int64_t frame = 0; frame < 2; ++frame) {
    Sample sample{.id = "f" + std::to_string(frame),
                  .image = "f.png",
                  .height = 10,
                  .width = 10,
                  .split = "val",
                  .video = "cow",
                  .frame = frame};
    sample.regions.push_back({.mask = box_mask({0, 0, 10, 5}, 10, 10)});
    sample.targets.push_back(
        {.id = sample.id + "/0", .texts = {"a cow"}, .regions = {0}, .task = Task::video, .kind = "motion"});
    writer.add(sample);
  }
  writer.finish();
}

}  // namespace

TEST_CASE("data stats: counts of a set") {
  const Folder folder;
  write_set(folder / "set");
  const auto set = Dataset::open(folder / "set");
  const DatasetStats stats = count_dataset(*set);
  CHECK(stats.samples == 9);
  CHECK(stats.split_samples == std::map<std::string, std::int64_t>{{"train", 5}, {"val", 4}});
  CHECK(stats.videos == std::map<std::string, std::int64_t>{{"val", 1}});
  CHECK(stats.tokens.size() == 7 * 4 + 2);

  const TargetStats& referring = stats.targets.at("train").at(Task::referring);
  CHECK(referring.samples == 5);
  CHECK(referring.targets == 10);
  CHECK(referring.texts == 15);
  CHECK(referring.coarse == 0);
  CHECK(referring.fine == 10);
  CHECK(referring.empty == 5);
  CHECK(referring.kinds == std::map<std::string, std::int64_t>{{"position", 5}});
  const TargetStats& semantic = stats.targets.at("val").at(Task::semantic);
  CHECK(semantic.samples == 2);
  CHECK(semantic.coarse == 2);
  CHECK(semantic.categories == std::map<std::int32_t, std::int64_t>{{0, 2}});
  CHECK(stats.targets.at("val").at(Task::video).targets == 2);
  CHECK(!stats.targets.at("train").contains(Task::video));

  const Json json = to_json(stats, set->manifest());
  CHECK(json.at("samples").as_int64() == 9);
  CHECK(json.at("targets").as_int64() == 23);
  CHECK(json.at("texts").as_int64() == 30);
  CHECK(json.at("splits").at("val").at("videos").as_int64() == 1);
  CHECK(json.at("splits").at("train").at("videos").as_int64() == 0);
  CHECK(json.at("splits").at("val").at("tasks").at("video").at("kinds").at("motion").as_int64() == 2);
  CHECK(json.at("classes").at("semantic").dump() ==
        "[{\"name\":\"cat\",\"targets\":7},{\"name\":\"dog\",\"targets\":0}]");
  // Areas: 7 times 4 of 24 pixels, 7 times 10 of 24, twice a half.
  CHECK(json.at("area").at("least").as_double() == Approx(4.0 / 24));
  CHECK(json.at("area").at("median").as_double() == Approx(10.0 / 24));
  CHECK(json.at("area").at("most").as_double() == 0.5);
  // Tokens: "the cat on the left" 7, the others 4.
  CHECK(json.at("tokens").at("most").as_double() == 7);
  CHECK(json.at("tokens").at("median").as_double() == 4);
  CHECK(json.at("height").at("low").as_double() == 4);
  CHECK(json.at("width").at("most").as_double() == 10);
}

TEST_CASE("data stats: the command prints tables and writes JSON", "[program]") {
  const Folder folder;
  write_set(folder / "set");
  const auto result =
      run_process({ULS_PROGRAM, "data", "stats", folder / "set", "--json", folder / "stats.json"});
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.starts_with("small: 9 samples, 23 targets, 30 texts\n"));
  CHECK(
      result.out.find("\nval          video                    2         2         2         0         2     "
                      "    0  motion 2\nval          1 clips\n") != std::string::npos);
  CHECK(result.out.ends_with("\ntargets of the classes of task semantic\n        7  cat\n        0  dog\n"));
  CHECK(read_json_file(folder / "stats.json").at("targets").as_int64() == 23);
}
