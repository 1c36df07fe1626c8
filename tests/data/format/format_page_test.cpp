// SPDX-License-Identifier: Apache-2.0
// data/FORMAT.md is true: its example is read, and its tables name the members that are written.
#include <catch2/catch.hpp>

#include "core/base/strings.h"
#include "data/format/dataset.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"

using namespace uls;
using namespace uls::test;

namespace {

const std::string& page() {
  static const std::string text = get(ULS_SOURCE_DIR "/data/FORMAT.md");
  return text;
}

// The JSON behind a line "`NAME` ..." of the last section.
std::string example(const std::string& name) {
  std::size_t at = page().find("## A complete example");
  for (const std::string& mark : {"\n`" + name + "`", std::string("```json\n")}) {
    at = page().find(mark, at);
    REQUIRE(at != std::string::npos);
    at += mark.size();
  }
  return page().substr(at, page().find("```", at) - at);
}

// Every member of `json` has a row or is named in a table.
void check_members_named(const Json& json) {
  for (const auto& [key, value] : json.members()) {
    INFO(key);
    CHECK(page().find("`" + key + "`") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("format page: the example is a set") {
  const Folder folder;
  put(folder / "manifest.json", example("manifest.json"));
  put(folder / "samples.jsonl", Json::parse(example("samples.jsonl"), "FORMAT.md").dump() + '\n');
  const auto set = Dataset::open(folder.path());
  CHECK(set->manifest().name == "two-cats");
  const Sample sample = set->sample(0);
  REQUIRE(set->target_count() == 3);
  CHECK(set->manifest().targets.at("train") == 3);
  CHECK(area(set->target_rle(sample, sample.targets[0])) == 4);
  CHECK(area(set->target_rle(sample, sample.targets[1])) == 10);
  CHECK(sample.targets[2].regions.empty());
  CHECK(set->label_map(sample, Task::semantic).labels ==
        std::vector<std::uint16_t>{1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0,  //
                                   0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0});
}

TEST_CASE("format page: every member is explained") {
  Sample sample = small_sample(0);
  sample.video = "v";
  sample.frame = 0;
  const Json json = to_json(sample), manifest = to_json(small_manifest());
  for (const Json* object :
       {&json, &json.at("regions")[0], &json.at("regions")[0].at("rle"), &json.at("targets")[0],
        &json.at("targets")[1], &manifest, &manifest.at("class_lists").at("semantic")})
    check_members_named(*object);
  CHECK(page().find("version " + std::to_string(Manifest::kVersion) + "\n") != std::string::npos);
  for (std::size_t task = 0; task < kTasks; ++task)
    CHECK(page().find(std::string("`") + to_string(Task(task)) + "`") != std::string::npos);
}
