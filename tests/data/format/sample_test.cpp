// SPDX-License-Identifier: Apache-2.0
// Samples and manifests as JSON: nothing is lost, and what is wrong is named with its line.
#include "data/format/sample.h"

#include <catch2/catch.hpp>

#include "core/base/error.h"
#include "tests/data/format/format_fixture.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

const std::string kFirstMask =
    R"({"rle":)" +
    Json::object({{"size", Json::array({4, 6})}, {"counts", compressed_counts(box_mask({0, 0, 2, 2}, 4, 6))}})
        .dump();

// One text replaced in a JSON text that is read then.
template <typename Read>
std::string refusal(std::string text, const std::string& from, const std::string& to, Read&& read) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  return data_error_of([&] { read(Json::parse(text, "a.jsonl", 7)); });
}

std::string sample_refusal(const std::string& from, const std::string& to) {
  return refusal(to_json(small_sample(1)).dump(), from, to, [](const Json& json) { sample_from_json(json); });
}

std::string manifest_refusal(const std::string& from, const std::string& to) {
  return refusal(to_json(small_manifest()).dump(), from, to,
                 [](const Json& json) { manifest_from_json(json); });
}

}  // namespace

TEST_CASE("sample: JSON and back loses nothing") {
  Sample sample = small_sample(3);
  sample.video = "clip";
  sample.frame = 0;
  sample.regions.push_back({.png = "masks/3.png"});
  sample.targets[2].task = Task::video;
  const std::string text = to_json(sample).dump();
  const Sample again = sample_from_json(Json::parse(text, "text"));
  CHECK(to_json(again).dump() == text);
  CHECK(again.id == "s003");
  CHECK((again.height == 4 && again.width == 6));
  CHECK((again.video == "clip" && again.frame == 0));
  CHECK(again.regions[0].mask == sample.regions[0].mask);
  CHECK(again.regions[0].source.at("ann_id").as_int64() == 30);
  CHECK(again.regions[2].png == "masks/3.png");
  CHECK(again.targets[0].texts == sample.targets[0].texts);
  CHECK(again.targets[0].score == 0.1);
  CHECK(again.targets[0].kind == "position");
  CHECK(again.targets[1].category == 0);
  CHECK(again.targets[1].granularity == Granularity::coarse);
  CHECK(again.targets[2].task == Task::video);
  CHECK(again.targets[2].regions.empty());
  CHECK(again.ignore == sample.ignore);
}

TEST_CASE("sample: masks may be lists of counts") {
  CHECK(sample_refusal(R"("counts":")" + compressed_counts(small_sample(1).regions[0].mask) + '"',
                       R"("counts":[0,2,2,2,18])")
            .empty());
  CHECK(sample_refusal(R"("counts":")" + compressed_counts(small_sample(1).regions[0].mask) + '"',
                       R"("counts":[0,2,-2,24])") ==
        "a.jsonl:7: count out of range; got -2; expected 0 to 1073741824");
}

TEST_CASE("sample: what is wrong is named") {
  CHECK(
      sample_refusal(R"("split")", R"("spilt")")
          .starts_with(R"(a.jsonl:7: unknown member "spilt" (did you mean 'split'?); expected id, image, )"));
  CHECK(sample_refusal(R"("id":"s001",)", "") == "a.jsonl:7: missing key 'id'");
  CHECK(sample_refusal(R"("id":"s001")", R"("id":"")") ==
        "a.jsonl:7: the sample's id is empty; expected one that no other sample has");
  CHECK(sample_refusal(R"("size":[4,6])", R"("size":[4])") ==
        "a.jsonl:7: wrong size; got 1 numbers; expected height and width");
  CHECK(sample_refusal(R"("size":[4,6])", R"("size":[4,-6])") ==
        R"(a.jsonl:7: sample "s001": wrong size; got 4x-6; expected )"
        "at least 1x1 and at most 1073741824 pixels");
  CHECK(sample_refusal(R"("size":[4,6])", R"("size":[4,5])") ==
        R"(a.jsonl:7: sample "s001": region 0: mask of another size than the image; got 4x6; expected 4x5)");
  CHECK(sample_refusal(R"({"size":[4,6],"counts")", R"({"size":[6,4],"counts")") ==
        R"(a.jsonl:7: sample "s001": region 0: mask of another size than the image; got 6x4; expected 4x6)");
  CHECK(sample_refusal(R"("train")", R"("")") ==
        R"(a.jsonl:7: sample "s001": wrong split; got ""; expected train, val, test ...)");
  CHECK(sample_refusal(R"("split")", R"("frame":3,"split")") ==
        R"(a.jsonl:7: sample "s001": a frame's number goes with its video; got 3 of video ""; )"
        "expected both or neither");
  CHECK(sample_refusal(R"("split")", R"("frame":-2,"video":"v","split")").find("a frame's number") !=
        std::string::npos);
  CHECK(sample_refusal(R"("counts":")", R"("counts":"!)").find("no compressed mask") != std::string::npos);
  CHECK(sample_refusal(R"({"rle")", R"({"png":"m.png","rle")") ==
        "a.jsonl:7: wrong region; expected either 'rle' or 'png'");
  CHECK(sample_refusal(R"({"rle")", R"({"score")").starts_with(R"(a.jsonl:7: unknown member "score")"));
  CHECK(sample_refusal(R"("source":{"ann_id")", R"("source":[1],"score":{"ann_id")")
            .starts_with(R"(a.jsonl:7: unknown member "score")"));
  CHECK(sample_refusal(R"("source":{"ann_id":10})", R"("source":[1])") ==
        "a.jsonl:7: wrong kind of value; got an array; expected an object");
}

TEST_CASE("sample: what is wrong with a target is named") {
  const std::string at = R"(a.jsonl:7: sample "s001": target "s001/a": )";
  CHECK(sample_refusal(R"("regions":[0])", R"("regions":[2])") == at + "no region 2; expected 0 to 1");
  CHECK(sample_refusal(R"("regions":[0])", R"("regions":[-1])") == at + "no region -1; expected 0 to 1");
  CHECK(sample_refusal(R"("regions":[0])", R"("regions":[0,0])") == at + "a region appears twice");
  CHECK(sample_refusal(R"("regions":[0])", R"("regions":[4294967296])") ==
        "a.jsonl:7: number out of range; got 4294967296; expected at most 32 bits with sign");
  CHECK(sample_refusal(R"("the cat on the left")", R"(" \t")") == at + "an empty text");
  CHECK(sample_refusal(R"(["the cat on the left","left é"])", "[]") == at + "no text; expected at least one");
  CHECK(sample_refusal(R"("id":"s001/a")", R"("id":"")") ==
        R"(a.jsonl:7: sample "s001": target "": the id is empty; expected one that no other target has)");
  CHECK(sample_refusal(R"("referring")", R"("refering")") ==
        R"(a.jsonl:7: unknown task "refering" (did you mean 'referring'?); expected )"
        "referring, semantic, part, salient, open_vocabulary, video");
  CHECK(sample_refusal(R"("fine")", R"("fin")") ==
        R"(a.jsonl:7: unknown granularity "fin" (did you mean 'fine'?); expected coarse, fine)");
  CHECK(sample_refusal(R"("category":0)", R"("category":-1)") ==
        "a.jsonl:7: wrong category; got -1; expected 0 or more");
}

TEST_CASE("sample: no path leaves the root") {
  for (const char* path :
       {"../a.png", "/etc/passwd", "a/../../b.png", "a//b.png", "./a.png", "a/", "", "..", "a\\u0000b"}) {
    INFO(path);
    CHECK(sample_refusal("images/1.png", path).find("path leaves the root; got ") != std::string::npos);
    CHECK(sample_refusal(kFirstMask, R"({"png":")" + std::string(path) + '"')
              .find(*path == 0 ? "the PNG's name is empty" : "path leaves the root; got ") !=
          std::string::npos);
  }
  for (const char* path : {"a/..b/c...png", "..a", "a b/\\u00e9.png"}) {
    INFO(path);
    CHECK(sample_refusal("images/1.png", path).empty());
  }
}

TEST_CASE("manifest: JSON and back loses nothing") {
  Manifest manifest = small_manifest();
  manifest.images = "/somewhere/else";
  manifest.samples = {{"train", 3}, {"val", 1}};
  manifest.targets = {{"train", 9}, {"val", 0}};
  const std::string text = to_json(manifest).dump(2);
  const Manifest again = manifest_from_json(Json::parse(text, "text"));
  CHECK(to_json(again).dump(2) == text);
  CHECK(again.class_lists.at(Task::semantic).names == std::vector<std::string>{"cat", "dog"});
  CHECK(again.samples == manifest.samples);
}

TEST_CASE("manifest: what is wrong is named") {
  CHECK(manifest_refusal(R"("version":1)", R"("version":2,"new":0)") ==
        "a.jsonl:7: another version of the format; got 2; expected 1");
  CHECK(manifest_refusal(R"("unilseg")", R"("coco")") ==
        R"(a.jsonl:7: no manifest of this format; expected "format": "unilseg")");
  CHECK(manifest_refusal(R"("licence")", R"("license")")
            .starts_with(R"(a.jsonl:7: unknown member "license" (did you mean 'licence'?))"));
  CHECK(manifest_refusal(R"("name":"small")", R"("name":"")") == "a.jsonl:7: the set has no name");
  CHECK(manifest_refusal(R"("semantic")", R"("semantics")").find("unknown task") != std::string::npos);
  const std::string at = "a.jsonl:7: classes of semantic: ";
  CHECK(manifest_refusal("[1,3]", "[1]") ==
        at + "as many names as values are needed; got 2 and 1; expected a value for each class");
  CHECK(manifest_refusal("[1,3]", "[1,1]") == at + R"(value 1 of "dog" has another meaning already)");
  CHECK(manifest_refusal("[1,3]", "[1,255]") == at + R"(value 255 of "dog" has another meaning already)");
  CHECK(manifest_refusal("[1,3]", "[0,3]") == at + R"(value 0 of "cat" has another meaning already)");
  CHECK(manifest_refusal("[1,3]", "[1,65536]") ==
        at + R"(wrong value of "dog"; got 65536; expected 0 to 65535)");
  CHECK(manifest_refusal(R"("dog")", R"("")") == at + "class 1 has no name");
  CHECK(manifest_refusal(R"("ignore":255)", R"("ignore":-1)") ==
        at + "wrong value of ignored pixels; got -1; expected 0 to 65535");
  CHECK(manifest_refusal(R"("samples":{})", R"("samples":{"train":-1})") ==
        "a.jsonl:7: wrong count; got -1; expected 0 or more");
}
