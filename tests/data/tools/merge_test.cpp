// SPDX-License-Identifier: Apache-2.0
// Several sets as one.
#include <catch2/catch.hpp>

#include <filesystem>
#include <functional>

#include "data/format/dataset_writer.h"
#include "data/tools/merge.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/data/format/shard_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace fs = std::filesystem;

namespace {

// Samples from, ... to - 1 of the small set; `change` may edit each.
void write_set(
    const std::string& path, const Manifest& manifest, std::int64_t from, std::int64_t to,
    const std::function<void(Sample&)>& change = [](Sample&) {}) {
  DatasetWriter writer(path, manifest);
  for (std::int64_t n = from; n < to; ++n) {
    Sample sample = small_sample(n);
    writer.add_file(sample.image, encode_png(small_image(n)));
    change(sample);
    writer.add(sample);
  }
  writer.finish();
}

Manifest named(const std::string& name) {
  Manifest manifest = small_manifest();
  manifest.name = name;
  return manifest;
}

ProcessResult merge(const std::vector<std::string>& sets, const std::string& out) {
  std::vector<std::string> words{ULS_PROGRAM, "data", "merge", "--out", out};
  words.insert(words.end(), sets.begin(), sets.end());
  return run_process(words);
}

void require_merged(const std::vector<std::string>& sets, const std::string& out) {
  const auto result = merge(sets, out);
  INFO(result.err);
  REQUIRE(result.code == 0);
}

// Each sample has the image of its number.
void require_images(const Dataset& set) {
  for (std::int64_t i = 0; i < set.size(); ++i) {
    const Sample sample = set.sample(i);
    CHECK(set.image(sample).pixels == small_image(sample.source.at("number").as_int64()).pixels);
  }
}

}  // namespace

TEST_CASE("data merge: ids that differ stay as they are", "[program]") {
  const Folder folder;
  write_set(folder / "x/a", named("a"), 0, 4);
  write_set(folder / "y/b", named("b"), 4, 7);
  const auto result = merge({folder / "x/a", folder / "y/b"}, folder / "out");
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out == (folder / "out") + ": 7 samples of 2 sets\n");
  const auto set = Dataset::open(folder / "out");
  CHECK(set->manifest().name == "a+b");
  CHECK(set->manifest().source == "made by a test");
  CHECK(set->manifest().images == folder.path());
  CHECK(set->sample(6).image == "y/b/images/6.png");
  require_images(*set);
  for (std::int64_t n = 0; n < 7; ++n) {
    Sample expected = small_sample(n);
    expected.image = set->sample(n).image;
    CHECK(to_json(set->sample(n)) == to_json(expected));
  }
  CHECK(merge({folder / "x/a", folder / "y/b"}, folder / "out").code == 2);
}

TEST_CASE("data merge: ids that collide get their set's name", "[program]") {
  const Folder folder;
  const auto with_clip = [](Sample& sample) {
    sample.video = "clip";
    sample.frame = 0;
  };
  write_set(folder / "a", named("a"), 0, 3);
  write_set(folder / "b", named("a"), 5, 8, with_clip);
  write_set(folder / "c", named("c"), 8, 9, with_clip);  // only its clip has a name that is taken
  write_set(folder / "d", named("a"), 2, 5);
  require_merged({folder / "a", folder / "b", folder / "c", folder / "d"}, folder / "out");
  const auto set = Dataset::open(folder / "out");
  REQUIRE(set->size() == 10);
  CHECK(set->sample(0).id == "s000");
  CHECK(set->sample(3).id == "s005");
  CHECK(set->sample(3).video == "clip");
  CHECK(set->sample(6).id == "c/s008");
  CHECK(set->sample(6).video == "c/clip");
  CHECK(set->sample(7).id == "a-3/s002");
  CHECK(set->sample(7).targets[2].id == "a-3/s002/c");
  CHECK(set->sample(9).video == "");
  require_images(*set);
}

TEST_CASE("data merge: ids that collide even so are refused") {
  const Folder folder;
  write_set(folder / "a", named("a"), 0, 2, [](Sample& sample) {
    if (sample.id == "s001") sample.id = "b/s000";
  });
  write_set(folder / "b", named("b"), 0, 1);
  const auto a = Dataset::open(folder / "a"), b = Dataset::open(folder / "b");
  CHECK(error_of([&] {
          id_prefixes({a.get(), b.get()});
        }) == "data merge: ids are equal even with the sets' names in front; got some of " + (folder / "a") +
                  " and " + (folder / "b") + "; expected ids that do not begin with another set's name");
}

TEST_CASE("data merge: folders and shards", "[program]") {
  const Folder folder;
  write_set(folder / "a", named("a"), 0, 2);
  write_set(folder / "b", named("b"), 2, 5);
  pack(folder / "b", folder / "shards", 8000);
  fs::remove_all(folder / "b");
  require_merged({folder / "shards", folder / "a"}, folder / "out");
  const auto set = Dataset::open(folder / "out");
  CHECK(set->sample(0).image == "out/images/0/000000000.png");
  CHECK(set->sample(3).image == "a/images/0.png");
  require_images(*set);
  // Shards alone: the new set needs nothing else.
  pack(folder / "a", folder / "more", 8000);
  require_merged({folder / "shards", folder / "more"}, folder / "alone");
  fs::rename(folder / "alone", folder / "moved");
  fs::remove_all(folder / "shards");
  CHECK(Dataset::open(folder / "moved")->manifest().images == "");
  require_images(*Dataset::open(folder / "moved"));
}

TEST_CASE("data merge: an interrupted one goes on", "[program]") {
  const Folder folder;
  write_set(folder / "a", named("a"), 0, 4);
  write_set(folder / "b", named("b"), 2, 7);
  require_merged({folder / "a", folder / "b"}, folder / "out");
  const auto whole = content_of(folder / "out");
  const std::string lines = whole.at("samples.jsonl");
  for (const std::size_t cut : {std::size_t(0), std::size_t(100), lines.size() / 2, lines.size()}) {
    fs::remove_all(folder / "out");
    {
      Manifest manifest = named("a+b");
      manifest.images = folder.path();
      DatasetWriter begun(folder / "out", manifest);
    }
    put(folder / "out/samples.jsonl.part", lines.substr(0, cut));
    require_merged({folder / "a", folder / "b"}, folder / "out");
    CHECK((content_of(folder / "out") == whole));
  }
}

TEST_CASE("data merge: class lists must agree") {
  const Folder folder;
  write_set(folder / "a", named("a"), 0, 1);
  Manifest other = named("b");
  other.class_lists[Task::semantic].names[1] = "horse";
  write_set(folder / "b", other, 1, 2);
  other.class_lists.clear();
  write_set(folder / "c", other, 2, 3, [](Sample& sample) { sample.targets[1].category = -1; });
  write_set(folder / "d", other, 3, 4, [](Sample& sample) { sample.targets.resize(1); });
  const auto a = Dataset::open(folder / "a"), b = Dataset::open(folder / "b"),
             c = Dataset::open(folder / "c"), d = Dataset::open(folder / "d");
  CHECK(
      error_of([&] {
        merged_class_lists({a.get(), b.get()});
      }) ==
      "data merge: the class lists of task semantic differ; got 2 classes in " + (folder / "a") +
          " and 2 in " + (folder / "b") +
          "; expected the same names, values, ignore and background (sets of different classes stay apart)");
  CHECK(error_of([&] {
          merged_class_lists({a.get(), c.get()});
        })
            .starts_with("data merge: " + (folder / "c") +
                         " has targets of task semantic but no class list; got one in " + (folder / "a")));
  CHECK(merged_class_lists({a.get(), d.get()}).size() == 1);
  CHECK(merged_class_lists({c.get(), d.get()}).empty());
}

TEST_CASE("data merge: a single set is refused", "[program]") {
  CHECK(merge({"a"}, "b").err == "unilseg: error: data merge: too few sets; got 1; expected at least 2\n");
}
