// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "data/browse/browse_page.h"
#include "data/browse/page_parts.h"
#include "data/format/dataset_writer.h"
#include "data/scenes/scene_set.h"
#include "tests/core/io_fixture.h"
#include "tests/data/browse/page_content.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using uls::test::page_content;

namespace {

// Names what is wrong with the nesting of elements, quotes and bare signs; "" for a page without fault.
std::string fault_of(const std::string& page) {
  std::vector<std::string> open;
  std::size_t at = page.find('>') + 1;  // behind the document type
  if (!page.starts_with("<!DOCTYPE html>")) return "no document type";
  while ((at = page.find_first_of("<>", at)) != std::string::npos) {
    if (page[at] == '>') return "a bare > at " + std::to_string(at);
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return "a tag without end";
    std::string tag = page.substr(at + 1, end - at - 1);
    at = end + 1;
    if (std::ranges::count(tag, '"') % 2 || tag.find('<') != std::string::npos) return "a broken tag " + tag;
    const std::string name = tag.substr(tag[0] == '/', tag.find_first_of(" /", 1) - (tag[0] == '/'));
    if (tag[0] == '/') {
      if (open.empty() || open.back() != name) return "a wrong end of " + name;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
      if (name == "script" || name == "style") at = page.find("</" + name, at);
    }
  }
  return open.empty() ? "" : "no end of " + open.back();
}

const std::string kNasty = R"html(</script><img src=x onerror="alert('1')"> & "all" <b>squares</b>)html";

std::unique_ptr<Dataset> nasty_set(const std::string& path) {
  DatasetWriter writer(path, {.name = "<i>set</i> & \"more\"", .source = kNasty});
  Image image{3, 500, 3, std::vector<std::uint8_t>(3 * 3 * 500, 90)};
  std::vector<std::uint8_t> mask(3 * 500);
  std::fill(mask.begin() + 500, mask.begin() + 750, std::uint8_t(1));
  Sample sample{.id = "one", .image = "one.png", .height = 3, .width = 500, .split = "val"};
  sample.regions = {{encode_mask(mask, 3, 500), "", {}}};
  sample.targets = {{.id = "a", .texts = {kNasty, "b"}, .regions = {0}}, {.id = "b", .texts = {"nobody"}}};
  writer.add_file("one.png", encode_png(image));
  writer.add(sample);
  writer.finish();
  return Dataset::open(path);
}

}  // namespace

TEST_CASE("browse: a page holds its samples whole and needs nothing else") {
  const test::Folder folder;
  SceneSetOptions options{.train = 40, .val = 10, .held_out = 10, .clips = 1};
  options.scene.level = SceneLevel::hard;
  write_scenes(options, folder / "set");
  const auto set = Dataset::open(folder / "set");
  const std::string page = browse_page(*set, {.count = 60});
  CHECK(fault_of(page) == "");
  CHECK(page.size() < 5'000'000);
  CHECK(page.find("http") == std::string::npos);
  CHECK(page.find(" src=") == std::string::npos);
  CHECK(page.find("url(") == std::string::npos);

  const Json content = page_content(page);
  const auto drawn = draw_samples(*set, {.count = 60});
  REQUIRE(content.at("samples").size() == 60);
  CHECK(content.at("classes")[0].at("names").size() == kSceneShapes);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const Sample sample = set->sample(drawn[i]);
    const Json& shown = content.at("samples")[std::int64_t(i)];
    CHECK(shown.at("id").as_string() == sample.id);
    CHECK(shown.at("split").as_string() == sample.split);
    CHECK((shown.find("video") != nullptr) == !sample.video.empty());
    CHECK_THAT(shown.at("image").as_string(), Catch::StartsWith("data:image/png;base64,"));
    REQUIRE(shown.at("targets").size() == std::int64_t(sample.targets.size()));
    for (std::size_t t = 0; t < sample.targets.size(); ++t) {
      const Json& target = shown.at("targets")[std::int64_t(t)];
      CHECK(target.at("texts")[0].as_string() == sample.targets[t].texts[0]);
      // Small pictures are not scaled: the masks are the set's.
      CHECK(target.at("runs").as_string() == compressed_counts(set->target_rle(sample, sample.targets[t])));
    }
  }
}

TEST_CASE("browse: texts do no harm, empty targets are told, large images shrink") {
  const test::Folder folder;
  const auto set = nasty_set(folder / "set");
  const std::string page = browse_page(*set, {});
  CHECK(fault_of(page) == "");
  CHECK_THAT(page, Catch::Contains("<title>&lt;i&gt;set&lt;/i&gt; &amp; &quot;more&quot;</title>"));
  CHECK(page.find("<img") == std::string::npos);
  const Json content = page_content(page);
  CHECK(content.at("source").as_string() == kNasty);
  const Json& sample = content.at("samples")[0];
  CHECK(sample.at("size").as_string() == "500 x 3");
  CHECK(sample.at("width").as_int64() == 360);
  CHECK_THAT(sample.at("image").as_string(), Catch::StartsWith("data:image/jpeg;base64,/9j/"));
  CHECK(sample.at("targets")[0].at("texts")[0].as_string() == kNasty);
  CHECK(sample.at("targets")[0].at("share").as_double() == Approx(250 / 1500.0));
  CHECK(sample.at("targets")[0].find("runs"));
  CHECK_FALSE(sample.at("targets")[1].find("runs"));
}

TEST_CASE("browse: a viewer changes what is shown") {
  const test::Folder folder;
  const auto set = nasty_set(folder / "set");
  const auto mirrored = [](const Dataset& from, const Sample& sample) {
    BrowseView view = plain_view(from, sample);
    view.targets[0].texts = {"mirrored"};
    for (std::int64_t y = 0; y < 3; ++y)
      std::reverse(view.masks[0].begin() + 500 * y, view.masks[0].begin() + 500 * (y + 1));
    return view;
  };
  const Json plain = page_content(browse_page(*set, {})).at("samples")[0].at("targets")[0];
  const Json other = page_content(browse_page(*set, {.viewer = mirrored})).at("samples")[0].at("targets")[0];
  CHECK(other.at("texts")[0].as_string() == "mirrored");
  CHECK(other.at("share") == plain.at("share"));
  CHECK_FALSE(other.at("runs") == plain.at("runs"));
}

TEST_CASE("browse: samples are drawn by seed and task") {
  const test::Folder folder;
  SceneSetOptions options{.train = 50, .clips = 2};
  write_scenes(options, folder / "set");
  const auto set = Dataset::open(folder / "set");
  const auto first = draw_samples(*set, {.count = 20});
  CHECK(first.size() == 20);
  CHECK(std::ranges::is_sorted(first));
  CHECK(std::set<std::int64_t>(first.begin(), first.end()).size() == 20);
  CHECK(draw_samples(*set, {.count = 20}) == first);
  CHECK(draw_samples(*set, {.count = 20, .seed = 1}) != first);
  CHECK(draw_samples(*set, {.count = 9999}).size() == 66);
  for (const std::int64_t i : draw_samples(*set, {.task = "video"})) CHECK(i >= 50);
  const Json content = page_content(browse_page(*set, {.task = "salient"}));
  for (const Json& sample : content.at("samples").items())
    for (const Json& target : sample.at("targets").items()) CHECK(target.at("task").as_string() == "salient");
  CHECK_THAT(test::error_of([&] { draw_samples(*set, {.task = "vido"}); }), Catch::Contains("video"));
  CHECK_THAT(test::error_of([&] { draw_samples(*set, {.count = 0}); }), Catch::Contains("--count"));
}

TEST_CASE("browse: data urls") {
  CHECK(data_url("a/b", "") == "data:a/b;base64,");
  CHECK(data_url("a/b", "f") == "data:a/b;base64,Zg==");
  CHECK(data_url("a/b", "fo") == "data:a/b;base64,Zm8=");
  CHECK(data_url("a/b", "foobar") == "data:a/b;base64,Zm9vYmFy");
  CHECK(data_url("a/b", "\xff\xfe\xfd") == "data:a/b;base64,//79");
}

TEST_CASE("browse: the command") {
  const test::Folder folder;
  nasty_set(folder / "set");
  const auto result =
      test::run_process({ULS_PROGRAM, "data", "browse", folder / "set", "--out", folder / "page.html"});
  CHECK(result.code == 0);
  CHECK_THAT(result.out, Catch::StartsWith((folder / "page.html") + ": "));
  CHECK(fault_of(test::get(folder / "page.html")) == "");
  const auto missing =
      test::run_process({ULS_PROGRAM, "data", "browse", folder / "none", "--out", folder / "b.html"});
  CHECK(missing.code == 3);
}
