// SPDX-License-Identifier: Apache-2.0
// Fractions of sets.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>

#include "data/tools/subset.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/data/format/shard_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace fs = std::filesystem;

namespace {

using Ids = std::set<std::string>;

Ids chosen(double fraction, std::int64_t seed, std::int64_t count = 10'000) {
  const Subset subset(fraction, seed);
  Ids ids;
  for (std::int64_t i = 0; i < count; ++i) {
    Sample sample;
    sample.id = "sa_" + std::to_string(i);
    if (subset.contains(sample)) ids.insert(sample.id);
  }
  return ids;
}

ProcessResult subset(const std::string& from, const std::string& to, const std::string& fraction) {
  return run_process({ULS_PROGRAM, "data", "subset", from, "--out", to, "--fraction", fraction});
}

}  // namespace

TEST_CASE("data subset: fractions have their size and lie within larger ones") {
  for (const std::int64_t seed : {0, 1, -5, 123456789}) {
    Ids before;
    for (const double fraction : {0.001, 0.05, 0.2, 0.5, 0.9, 1.0}) {
      const Ids now = chosen(fraction, seed);
      INFO(seed << " " << fraction << " " << now.size());
      // Five standard deviations of a binomial count.
      CHECK(std::abs(double(now.size()) - 1e4 * fraction) <= 5 * std::sqrt(1e4 * fraction * (1 - fraction)));
      CHECK(std::ranges::includes(now, before));
      before = now;
    }
  }
  // Another seed chooses others: of two independent fifths 4 % are common.
  Ids both;
  std::ranges::set_intersection(chosen(0.2, 0), chosen(0.2, 1), std::inserter(both, both.end()));
  CHECK(std::abs(double(both.size()) - 400) < 100);
}

TEST_CASE("data subset: the choice is the same everywhere") {
  // What the formula gives in Python.
  CHECK(chosen(0.2, 7, 30) == Ids{"sa_14", "sa_2", "sa_21", "sa_27"});
}

TEST_CASE("data subset: frames of a clip stay together") {
  const Subset half(0.5, 3);
  int clips = 0;
  for (int clip = 0; clip < 50; ++clip) {
    Sample sample;
    sample.video = "clip" + std::to_string(clip);
    int frames = 0;
    for (sample.frame = 0; sample.frame < 20; ++sample.frame) {
      sample.id = sample.video + "/" + std::to_string(sample.frame);
      frames += half.contains(sample);
    }
    CHECK((frames == 0 || frames == 20));
    clips += frames == 20;
  }
  CHECK(std::abs(clips - 25) < 18);
}

TEST_CASE("data subset: wrong fractions") {
  for (const double fraction : {0.0, -0.1, 1.01, std::nan("")})
    CHECK(error_of([&] { Subset(fraction, 0); }).starts_with("subset: fraction: wrong value; got "));
}

TEST_CASE("data subset: the command keeps order, images and what samples say", "[program]") {
  const Folder folder;
  write_small_set(folder / "set", 40);
  Ids before;
  for (const std::string fraction : {"0.1", "0.5", "1"}) {
    const auto result = subset(folder / "set", folder / fraction, fraction);
    INFO(result.err);
    REQUIRE(result.code == 0);
    const auto set = Dataset::open(folder / fraction);
    Ids ids;
    std::string last;
    for (std::int64_t i = 0; i < set->size(); ++i) {
      const Sample sample = set->sample(i);
      CHECK(last < sample.id);
      last = sample.id;
      ids.insert(sample.id);
      CHECK(set->image(sample).pixels == small_image(sample.source.at("number").as_int64()).pixels);
    }
    CHECK(std::ranges::includes(ids, before));
    CHECK(ids.size() > before.size());
    before = ids;
  }
  const auto all = Dataset::open(folder / "1");
  require_same_sets(*Dataset::open(folder / "set"), *all);
  CHECK(all->manifest().name == "small-100");
  CHECK(Dataset::open(folder / "0.1")->manifest().source == "made by a test; 10 % chosen with seed 0");
}

TEST_CASE("data subset: samples are held out", "[program]") {
  const Folder folder;
  write_small_set(folder / "set", 40);
  {
    // As a source without lists of splits has it.
    const auto set = Dataset::open(folder / "set");
    Manifest manifest = set->manifest();
    manifest.images = folder / "set";
    DatasetWriter writer(folder / "one", manifest);
    for (std::int64_t i = 0; i < 40; ++i) {
      Sample sample = set->sample(i);
      sample.split = "all";
      writer.add(sample);
    }
    writer.finish();
  }
  const auto run = [&](const std::string& to, const std::string& share) {
    return run_process({ULS_PROGRAM, "data", "subset", folder / "one", "--out", folder / to, "--held-out",
                        share, "--seed", "3"});
  };
  const auto result = run("out", "0.25");
  INFO(result.err);
  REQUIRE(result.code == 0);
  const auto before = Dataset::open(folder / "one"), after = Dataset::open(folder / "out");
  REQUIRE(after->size() == before->size());
  CHECK(after->manifest().name == before->manifest().name);
  CHECK(after->manifest().source == "made by a test; 25 % held out as val with seed 3");
  const HeldOut held_out(*before, 0.25, 3);
  std::map<std::string, int> splits;
  for (std::int64_t i = 0; i < after->size(); ++i) {
    Sample sample = after->sample(i);
    CHECK(sample.split == held_out.split_of(sample));
    ++splits[sample.split];
    sample.split = before->sample(i).split;
    CHECK(to_json(sample) == to_json(before->sample(i)));
  }
  CHECK((splits["val"] >= 3 && splits["val"] <= 20 && splits["train"] == 40 - splits["val"]));
  // It is another quarter than the fraction's.
  CHECK(chosen(0.25, 3) != chosen(0.25, ~3));

  CHECK(run("all", "1").err ==
        "unilseg: error: subset: held-out: wrong value; got 1; expected between 0 and 1\n");
  CHECK(run_process(
            {ULS_PROGRAM, "data", "subset", folder / "out", "--out", folder / "again", "--held-out", "0.5"})
            .err == "unilseg: error: subset: held-out: " + (folder / "out") +
                        " has splits already; got train, val; expected a set of one split\n");
}

TEST_CASE("data subset: targets of some classes", "[program]") {
  const Folder folder;
  write_small_set(folder / "set", 6);
  const auto run = [&](const std::string& name) {
    return run_process(
        {ULS_PROGRAM, "data", "subset", folder / "set", "--out", folder / ("of " + name), "--class", name});
  };
  const auto result = run("cat");
  INFO(result.err);
  REQUIRE(result.code == 0);
  const auto cats = Dataset::open(folder / "of cat"), all = Dataset::open(folder / "set");
  CHECK(cats->manifest().source == "made by a test; classes cat");
  REQUIRE(cats->size() == 6);
  for (std::int64_t i = 0; i < 6; ++i) {
    Sample expected = all->sample(i);
    std::erase_if(expected.targets, [](const Target& target) { return target.task != Task::semantic; });
    REQUIRE(expected.targets.size() == 1);
    CHECK(cats->sample(i).targets.size() == 1);
    CHECK(cats->sample(i).targets.at(0).id == expected.targets[0].id);
  }
  CHECK(
      run("dogs").err ==
      "unilseg: error: subset: class: got 'dogs' (did you mean 'dog'?); expected, each once, of cat, dog\n");
  CHECK(run("dog").code == 0);  // of which there is no target: samples without any
}

TEST_CASE("data subset: of shards, with the images as files of its own", "[program]") {
  const Folder folder;
  write_small_set(folder / "set", 12);
  pack(folder / "set", folder / "shards", 8000);
  REQUIRE(subset(folder / "shards", folder / "sub", "1").code == 0);
  fs::remove_all(folder / "shards");
  fs::rename(folder / "sub", folder / "moved");  // it needs nothing else
  require_same_sets(*Dataset::open(folder / "set"), *Dataset::open(folder / "moved"));
  CHECK(Dataset::open(folder / "moved")->sample(11).image == "images/000000011.png");
}

TEST_CASE("data subset: nothing chosen, and a folder that is taken", "[program]") {
  const Folder folder;
  write_small_set(folder / "set", 2);
  CHECK(subset(folder / "set", folder / "a", "0.00001").err ==
        "unilseg: error: data subset: nothing is chosen; got fraction 1e-05 of 2 samples; expected a larger "
        "one\n");
  CHECK(!fs::exists(folder / "a"));
  CHECK(subset(folder / "set", folder / "set", "1").code == 2);
  CHECK(subset(folder / "set", folder / "a", "2").code == 2);
}
