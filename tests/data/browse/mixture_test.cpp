// SPDX-License-Identifier: Apache-2.0
// Pages of what training sees: through augmentation, and as the loader hands it over.
#include <catch2/catch.hpp>

#include "data/browse/browse_page.h"
#include "data/browse/mixture_page.h"
#include "data/scenes/scene_set.h"
#include "tests/core/io_fixture.h"
#include "tests/data/browse/page_content.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::Folder;
using test::page_content;

class Scenes {
 public:
  Scenes() { write_scenes({.scene = {.level = SceneLevel::easy, .seed = 3}, .train = 6}, folder_ / "set"); }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  Folder folder_;
};

TEST_CASE("browse: an augmented view is one target, cut and mirrored with its picture") {
  const Scenes scenes;
  const auto set = Dataset::open(scenes / "set");
  const Sample sample = set->sample(0);
  std::size_t changed = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const BrowseView view = augmented_view(*set, sample, seed);
    REQUIRE(view.targets.size() == 1);
    REQUIRE(view.masks.size() == 1);
    REQUIRE(std::int64_t(view.masks[0].size()) == view.image.height * view.image.width);
    CHECK(view.targets[0].texts.size() == 1);
    CHECK(augmented_view(*set, sample, seed).image.pixels == view.image.pixels);
    changed += view.image.pixels != set->image(sample).pixels;
  }
  CHECK(changed > 10);
}

TEST_CASE("browse: the page of a mixture shows the loader's first items") {
  const Scenes scenes;
  LoaderConfig config{.sets = {scenes / "set"}, .batch = 4, .word_len = 12, .threads = 0};
  config.transform = {.preset = "plain", .size = 64};
  const Json samples = page_content(mixture_page(config, 6)).at("samples");
  REQUIRE(samples.size() == 6);
  Loader loader({parse_loader_set(scenes / "set")}, config, Loader::Mode::train);
  const auto first = loader.next(), second = loader.next();
  for (std::int64_t i = 0; i < 6; ++i) {
    const BatchItem& item = (i < 4 ? *first : *second).items[std::size_t(i % 4)];
    CHECK(samples[i].at("id").as_string() == item.sample + " of " + item.set);
    const Json& target = samples[i].at("targets")[0];
    CHECK(target.at("texts")[0].as_string() == item.text);
    CHECK(target.at("task").as_string() == to_string(item.task));
  }
}

TEST_CASE("browse: the command takes a set or a mixture") {
  const Scenes scenes;
  test::put(scenes / "run.yaml", "steps: 3\ndata:\n  sets: [" + (scenes / "set") +
                                     "]\n  batch: 2\n  transform: {preset: augment, size: 64}\n");
  const auto browse = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {ULS_PROGRAM, "data", "browse"});
    words.insert(words.end(), {"--out", scenes / "page.html", "--count", "3"});
    return test::run_process(words);
  };
  REQUIRE(browse({"--mixture", scenes / "run.yaml"}).code == 0);
  CHECK(page_content(test::get(scenes / "page.html")).at("samples").size() == 3);
  REQUIRE(browse({scenes / "set", "--augment"}).code == 0);
  CHECK(page_content(test::get(scenes / "page.html")).at("samples")[0].at("targets").size() == 1);
  const auto neither = browse({});
  CHECK(neither.code == 2);
  CHECK_THAT(neither.err, Catch::Contains("browse: nothing to show, or two things"));
}

}  // namespace
}  // namespace uls
