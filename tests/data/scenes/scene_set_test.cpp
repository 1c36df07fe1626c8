// SPDX-License-Identifier: Apache-2.0
// Sets of scenes on disk: the same bytes whatever the threads and interruptions; what baselines score.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "core/base/parallel.h"
#include "data/format/dataset_writer.h"
#include "data/scenes/baselines.h"
#include "data/scenes/scene_set.h"
#include "tests/core/io_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;

namespace fs = std::filesystem;

namespace {

std::map<std::string, std::string> content_of(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(path).string()] = test::get(entry.path().string());
  return files;
}

SceneSetOptions small_set() {
  SceneSetOptions options{.train = 20, .val = 6, .held_out = 5, .clips = 2};
  options.scene = {.level = SceneLevel::hard, .seed = 11};
  return options;
}

const BaselineRow& row(const std::vector<BaselineRow>& rows, Task task, const std::string& kind) {
  const auto found =
      std::ranges::find_if(rows, [&](const BaselineRow& r) { return r.task == task && r.kind == kind; });
  REQUIRE(found != rows.end());
  return *found;
}

double everything(const std::vector<BaselineRow>& rows, Task task, const std::string& kind = "") {
  return row(rows, task, kind).scores[std::size_t(Baseline::everything)].overall_iou();
}

}  // namespace

TEST_CASE("scene set: the same bytes from any number of threads, and after an interruption") {
  const test::Folder folder;
  const int threads = num_threads();
  set_num_threads(1);
  CHECK(write_scenes(small_set(), folder / "one") == 20 + 6 + 5 + 2 * 8 + 8);
  set_num_threads(3);
  write_scenes(small_set(), folder / "three");
  set_num_threads(threads);
  const auto expected = content_of(folder / "one");
  CHECK(expected.size() == 20 + 6 + 5 + 24 + 3);
  CHECK(content_of(folder / "three") == expected);

  // Stops in the middle of a clip.
  const auto whole = Dataset::open(folder / "one");
  {
    DatasetWriter writer(folder / "cut", whole->manifest());
    for (std::int64_t i = 0; i < 36; ++i) {
      const Sample sample = whole->sample(i);
      writer.add_file(sample.image, whole->image_bytes(sample));
      writer.add(sample);
    }
  }
  write_scenes(small_set(), folder / "cut");
  CHECK(content_of(folder / "cut") == expected);

  SceneSetOptions other = small_set();
  other.scene.seed = 12;
  write_scenes(other, folder / "other");
  CHECK(content_of(folder / "other") != expected);
}

TEST_CASE("scene set: what is read back is what was made") {
  const test::Folder folder;
  const SceneSetOptions options = small_set();
  write_scenes(options, folder / "set");
  const auto set = Dataset::open(folder / "set");
  CHECK(set->splits().size() == 3);
  for (std::int64_t i = 0; i < 26; ++i) {
    SceneOptions one = options.scene;
    one.split = i < 20 ? SceneSplit::train : SceneSplit::val;
    const Scene scene = make_scene(one, std::uint64_t(i < 20 ? i : i - 20));
    const Sample sample = set->sample(i);
    CHECK(to_json(sample).dump() == to_json(scene.sample).dump());
    CHECK(set->image(sample).pixels == scene.image.pixels);
    const LabelMap map = set->label_map(sample, Task::semantic);
    const std::vector<std::uint8_t> first = decode_mask(scene.sample.regions[0].mask);
    for (std::size_t p = 0; p < first.size(); ++p)
      if (first[p]) REQUIRE(map.labels[p] == 1 + int(scene.objects[0].shape));
  }
}

TEST_CASE("scene set: baselines add up") {
  const test::Folder folder;
  Manifest manifest{.name = "two", .images = ""};
  const auto column = [](std::vector<std::int64_t> columns) {
    std::vector<std::uint8_t> mask(16);
    for (std::int64_t i = 0; i < 4; ++i)
      for (const std::int64_t c : columns) mask[std::size_t(4 * i + c)] = 1;
    return encode_mask(mask, 4, 4);
  };
  Sample sample{.id = "a", .image = "a.png", .height = 4, .width = 4, .split = "val"};
  sample.regions = {{column({0}), "", Json::object({{"colour", "red"}})},
                    {column({1, 2}), "", Json::object({{"colour", "blue"}})}};
  sample.targets = {
      {.id = "0", .texts = {"the red bar"}, .regions = {0}, .kind = "attribute"},
      {.id = "1", .texts = {"the bar right of the red bar"}, .regions = {1}, .kind = "relation"},
      {.id = "2", .texts = {"the wide bar"}, .regions = {1}, .kind = "size"},
      {.id = "3", .texts = {"the green bar"}, .kind = "size"}};
  {
    DatasetWriter writer(folder / "set", manifest);
    writer.add_file("a.png", encode_png({4, 4, 3, std::vector<std::uint8_t>(48)}));
    writer.add(sample);
    writer.finish();
  }
  const auto set = Dataset::open(folder / "set");
  const auto rows = baseline_rows(*set, "val");
  REQUIRE(rows.size() == 4);
  const auto check = [&](const std::string& kind, Baseline baseline, std::int64_t both, std::int64_t either,
                         std::int64_t over) {
    const BaselineScore score = row(rows, Task::referring, kind).scores[std::size_t(baseline)];
    INFO(kind << " " << kBaselineNames[std::size_t(baseline)]);
    CHECK(score.intersection == both);
    CHECK(score.united == either);
    CHECK(score.over_half == over);
  };
  check("attribute", Baseline::nothing, 0, 4, 0);
  check("attribute", Baseline::everything, 4, 12, 0);
  check("attribute", Baseline::colour, 4, 4, 1);
  check("relation", Baseline::colour, 0, 12, 0);
  check("size", Baseline::nothing, 0, 8, 1);
  check("size", Baseline::everything, 8, 24, 1);
  check("", Baseline::everything, 4 + 8 + 8, 12 + 12 + 12 + 12, 2);
  CHECK(row(rows, Task::referring, "").sentences == 4);
  CHECK(row(rows, Task::referring, "").mean_iou[1] == Approx((1 / 3. + 2 / 3. + 2 / 3. + 0) / 4));
  CHECK_THAT(test::error_of([&] { baseline_rows(*set, "vl"); }), Catch::Contains("did you mean 'val'?"));
}

// learning.md's figures for answers that paint every object: .39 .40 (plain) .60 .59 .12.
TEST_CASE("scene set: the easy level's statistics") {
  const test::Folder folder;
  SceneSetOptions options{.train = 600};
  options.scene.seed = 21;
  write_scenes(options, folder / "easy");
  const auto rows = baseline_rows(*Dataset::open(folder / "easy"), "");
  CHECK(everything(rows, Task::referring) == Approx(0.385).margin(0.03));
  CHECK(everything(rows, Task::referring, "attribute") == Approx(0.405).margin(0.03));
  CHECK(everything(rows, Task::semantic) == Approx(0.575).margin(0.03));
  CHECK(everything(rows, Task::semantic, "colour") == Approx(0.50).margin(0.04));
  CHECK(everything(rows, Task::semantic, "shape") == Approx(0.545).margin(0.04));
  CHECK(everything(rows, Task::semantic, "everything") == 1);
  CHECK(everything(rows, Task::salient) == Approx(0.615).margin(0.05));
  CHECK(everything(rows, Task::part) == Approx(0.11).margin(0.03));
  const double refer = double(row(rows, Task::referring, "").sentences);
  CHECK(double(row(rows, Task::referring, "attribute").sentences) / refer == Approx(0.5).margin(0.06));
  CHECK(double(row(rows, Task::referring, "relation").sentences) / refer == Approx(0.1).margin(0.04));

  options.scene.plain = true;
  write_scenes(options, folder / "plain");
  const auto plain = baseline_rows(*Dataset::open(folder / "plain"), "");
  CHECK(everything(plain, Task::referring) == Approx(0.40).margin(0.03));
  CHECK(std::ranges::none_of(plain, [](const BaselineRow& r) { return r.kind == "relation"; }));
  const double share = double(row(plain, Task::referring, "position").sentences) /
                       double(row(rows, Task::referring, "position").sentences);
  CHECK(share == Approx(0.3).margin(0.06));
}

TEST_CASE("scene set: the command and its mistakes") {
  const test::Folder folder;
  const auto scenes = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {ULS_PROGRAM, "data", "scenes", "--out", folder / "set"});
    return test::run_process(words);
  };
  const auto refuses = [&](const std::vector<std::string>& words, const std::string& line) {
    const auto result = scenes(words);
    CHECK(result.code == 2);
    CHECK(result.err == "unilseg: error: " + line + "\n");
    CHECK_FALSE(fs::exists(folder / "set"));
  };
  refuses({}, "scenes: nothing to make; got 0 scenes and 0 clips");
  refuses({"--count=-1"}, "scenes: wrong count; got -1; expected 0 to 10000000");
  refuses({"--count=3", "--size=20"}, "scenes: wrong size; got 20; expected 48 to 2048 pixels");
  refuses({"--count=3", "--held-out=1"}, "scenes: the level easy holds no pairs out; expected hard");
  refuses({"--count=3", "--level=hrd"},
          "scenes: unknown level; got 'hrd'; expected easy or hard (did you mean 'hard'?)");
  refuses({"--count=3", "--sentences=plan"},
          "scenes: --sentences: unknown word; got 'plan'; expected plain or all (did you mean 'plain'?)");
  const auto result = scenes({"--level=hard", "--count=3", "--val=2", "--size=160"});
  CHECK(result.code == 0);
  CHECK(result.out == (folder / "set") + ": 5 samples of level hard\n");
  const auto table = test::run_process(
      {ULS_PROGRAM, "data", "baselines", folder / "set", "--split=val", "--json", folder / "table.json"});
  CHECK(table.code == 0);
  CHECK_THAT(table.out, Catch::Contains("| referring "));
  const Json json = read_json_file(folder / "table.json");
  CHECK(json.at("split").as_string() == "val");
  CHECK(json.at("rows")[0].at("everything").at("overall_iou").as_double() > 0);
}
