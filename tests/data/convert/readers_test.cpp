// SPDX-License-Identifier: Apache-2.0
// The readers below the converters, on good and on broken input.
#include <catch2/catch.hpp>

#include <random>

#include "data/convert/coco_file.h"
#include "data/convert/coco_names.h"
#include "data/convert/csv_file.h"
#include "data/convert/json_elements.h"
#include "data/convert/label_regions.h"
#include "data/convert/matlab.h"
#include "data/convert/part_names.h"
#include "data/convert/refs_file.h"
#include "data/convert/yolo_labels.h"
#include "tests/data/convert/convert_fixture.h"
#include "tests/data/convert/python2_refs.h"
#include "tests/data/convert/small_trees.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

// Error of reading a file of this name and content, without the folder.
template <typename Read>
std::string refusal(const std::string& name, std::string_view content, Read&& read) {
  const Folder folder;
  put(folder / name, content);
  std::string text = error_of([&] { read(folder / name); });
  for (std::size_t at; (at = text.find(folder.path() + "/")) != text.npos;)
    text.erase(at, folder.path().size() + 1);
  return text;
}

}  // namespace

TEST_CASE("masks_by_value: each value's mask is encode_mask's") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const std::int64_t height = 1 + random() % 9, width = 1 + random() % 9;
    std::vector<std::uint32_t> values(std::size_t(height * width));
    for (auto& value : values) value = random() % 4 * 70000;
    const auto masks = masks_by_value(values, height, width);
    std::int64_t pixels = 0;
    for (const auto& [value, mask] : masks) {
      std::vector<std::uint8_t> one(values.size());
      for (std::size_t i = 0; i < one.size(); ++i) one[i] = values[i] == value;
      CHECK(mask == encode_mask(one, height, width));
      pixels += area(mask);
    }
    CHECK(pixels == height * width);
  }
}

TEST_CASE("refs: broken files are refused by name") {
  const auto read = [](const std::string& path) { read_refs(path); };
  const std::string good(bytes_of(kRefcoco0));
  CHECK_THAT(refusal("refs.p", good.substr(0, 700), read), Contains("refs.p: byte ") && Contains("cut off"));
  CHECK_THAT(refusal("refs.p", "cos\nsystem\n(S'ls'\ntR.", read),
             Contains("refs.p: byte 0") && Contains("os.system"));
  CHECK_THAT(refusal("refs.p", "(dp0\n.", read), Contains("expected a list of refs"));
  std::string broken = good;
  broken.replace(broken.find("S'split'"), 8, "S'splot'");
  CHECK(refusal("refs.p", broken, read) == "refs.p: ref 0: missing key 'split'");
  CHECK_THAT(refusal("refs.json", "[{\"ref_id\": 1}]", read),
             Contains("refs.json: ref 0: ") && Contains("image_id"));
  CHECK_THAT(refusal("refs.json", "[{]", read), Contains("refs.json:1:3: not JSON"));
  CHECK(refusal("refs.json",
                R"([{"ref_id": 1, "image_id": 2, "ann_id": 3, "split": "val",
                    "sentences": [{"sent_id": 1, "sent": " "}]}])",
                read) == "refs.json: ref 0: no sentence");
  CHECK_THAT(error_of([] { read_refs("/nowhere/refs.p"); }), Contains("/nowhere/refs.p"));
}

TEST_CASE("JSON elements: places of long arrays, and what is broken") {
  const Folder folder;
  put(folder / "a.json", R"({"skip": {"x": ["]", "\"}"]}, "a": [1, {"b": [2, "]"]} , "x\\"], "c": []})");
  const JsonElements elements(folder / "a.json", {"a", "c"});
  REQUIRE(elements.size("a") == 3);
  CHECK(elements.size("c") == 0);
  CHECK(elements.element("a", 0).as_int64() == 1);
  CHECK(elements.element("a", 1).at("b")[1].as_string() == "]");
  CHECK(elements.element("a", 2).as_string() == "x\\");

  const auto read = [](const std::string& path) { JsonElements(path, {"a"}); };
  CHECK(refusal("a.json", "[1]", read) == "a.json: byte 0: broken JSON; got '['; expected '{'");
  CHECK(refusal("a.json", "{\"b\": 1}", read) == "a.json: missing key 'a'; expected a");
  CHECK_THAT(refusal("a.json", "{\"a\": [1, 2", read), Contains("a.json: byte 11: cut off"));
  CHECK_THAT(refusal("a.json", "{\"a\": [1, \"2]}", read),
             Contains("a.json: byte 10: cut off inside a string"));
  CHECK_THAT(refusal("a.json", "{\"a\": [1 2]}", read), Contains("a.json: byte 9: broken JSON"));
  CHECK_THAT(refusal("a.json", "{\"a\": [1,]}", read), Contains("broken JSON"));
  CHECK_THAT(refusal("a.json", "{\"a\": [tru]}",
                     [](const std::string& path) { JsonElements(path, {"a"}).element("a", 0); }),
             Contains("a.json: a[0]") && Contains("not JSON"));
}

TEST_CASE("COCO files: what does not fit together is named") {
  const auto read = [](const std::string& path) {
    const CocoFile coco(path);
    for (std::size_t i = 0; i < coco.annotations().size(); ++i) coco.mask(std::int64_t(i));
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = coco_json();
    REQUIRE(text.find(from) != text.npos);
    text.replace(text.find(from), from.size(), to);
    return refusal("i.json", text, read);
  };
  CHECK(with("\"id\": 13", "\"id\": 13").empty());
  CHECK(with("\"id\": 13", "\"id\": 12") == "i.json: annotations[2]: the id 12 is given twice");
  CHECK(with("\"image_id\": 2", "\"image_id\": 7") == "i.json: annotations[2]: no image with the id 7");
  CHECK_THAT(with("\"width\": 20", "\"w\": 20"), Contains("i.json: images[1]:1: missing key 'width'"));
  CHECK_THAT(with("9.5, 0, 16]", "9.5, 0]"),
             Contains("i.json: annotations[2]:2: wrong polygon; got 7 numbers"));
  CHECK_THAT(with("[16, 20]", "[16, 21]"), Contains("RLE of another size; got [16,21]; expected [16, 20]"));
  CHECK_THAT(with("40, 130]", "40, 131]"), Contains("i.json: annotations[3]"));
  CHECK_THAT(with("\"d057:R2\"", "\"d057:R3\""), Contains("i.json: annotations[4]"));
  CHECK_THAT(with("\"segmentation\": [[5.5", "\"segm\": [[5.5"),
             Contains("annotations[1]") && Contains("segmentation"));
}

TEST_CASE("CSV: quotes, and what is broken") {
  const Folder folder;
  put(folder / "a.csv", "a,b\r\n1,\"x, \"\"y\"\"\nz\"\n,2\n");
  const CsvFile file = read_csv(folder / "a.csv");
  CHECK(file.header == Texts{"a", "b"});
  CHECK(file.rows == std::vector<Texts>{{"1", "x, \"y\"\nz"}, {"", "2"}});
  CHECK(file.lines == std::vector<std::int64_t>{2, 4});
  const auto read = [](const std::string& path) { read_csv(path); };
  CHECK(refusal("a.csv", "a,b\n1\n", read) == "a.csv: line 2: wrong number of fields; got 1; expected 2");
  CHECK(refusal("a.csv", "a,b\n1,\"x\n", read) == "a.csv: line 2: a quote stays open");
  CHECK(refusal("a.csv", "a,b\n1,\"x\"y\n", read) == "a.csv: line 2: text behind a quoted field");
}

TEST_CASE("YOLO labels: what is broken") {
  const auto read = [](const std::string& path) { yolo_instances(path, 10, 20); };
  CHECK(refusal("a.txt", "0 0 0 1 0 1 1\n", read).empty());
  CHECK(refusal("a.txt", "0 0 0 1 0 1 1\nx 0 0 1 0 1 1\n", read) ==
        "a.txt: label 1: wrong class; got 'x'; expected a whole number");
  CHECK(refusal("a.txt", "0 0 0 1 0 1 1.5\n", read) ==
        "a.txt: label 0: wrong coordinate; got '1.5'; expected 0 to 1");
  CHECK_THAT(refusal("a.txt", "0 0 0 1 0 1\n", read), Contains("label 0: wrong polygon; got 5 coordinates"));
  CHECK(yolo_instances("/nowhere/a.txt", 10, 20).empty());
}

TEST_CASE("MATLAB files: what is broken or cut short") {
  const auto read = [](const std::string& path) { read_matlab(path, "groundtruth").as_label_map(); };
  CHECK_THAT(refusal("a.mat", "nothing", read), Contains("a.mat: no MATLAB file, cut short"));
  CHECK_THAT(refusal("a.mat", "MATLAB 7.3 MAT-file" + std::string(200, ' '), read),
             Contains("a.mat: MATLAB 7.3 (HDF5)"));
  CHECK_THAT(error_of([&] { read("/nowhere/a.mat"); }), Contains("/nowhere/a.mat"));
  const std::string real = shared_data("ccp");
  if (real.empty()) ULS_SKIP("shared", "no data/ccp in ULS_SHARED");
  const std::string good = get(real + "/annotations/pixel-level/0001.mat");
  CHECK(refusal("a.mat", good, read).empty());
  for (const double share : {0.02, 0.3, 0.9, 0.999})
    CHECK_THAT(refusal("a.mat", good.substr(0, std::size_t(double(good.size()) * share)), read),
               Contains("a.mat: ") && Contains("cut "));
  CHECK_THAT(refusal("a.mat", good, [](const std::string& path) { read_matlab(path, "anno"); }),
             Contains("a.mat: no variable 'anno'"));
  CHECK_THAT(
      refusal("a.mat", good, [](const std::string& path) { read_matlab(path, "groundtruth").field(0, 1); }),
      Contains("a.mat: groundtruth: wrong kind of value; expected a structure"));
}

TEST_CASE("names: merged parts and COCO's classes") {
  CHECK(merged_part_name("dog", "lear") == "ear");
  CHECK(merged_part_name("dog", "rfpa") == "paw");
  CHECK(merged_part_name("car", "fliplate") == "license plate");
  CHECK(merged_part_name("person", "llleg") == "leg");
  CHECK(merged_part_name("person", "lebrow").empty());
  CHECK(merged_part_name("tvmonitor", "screen").empty());
  CHECK(coco_things().size() == 80);
  CHECK(coco_things()[23] == "giraffe");
  CHECK(coco_things()[29] == "frisbee");
  const ClassList stuff = coco_stuff_classes();
  CHECK(stuff.names.size() == 171);
  CHECK(stuff.values[170] == 181);
  CHECK(stuff.names[170] == "wood");
  CHECK(stuff.values[11] == 12);  // value 11, a street sign, is unused
  CHECK(stuff.names[11] == "stop sign");
}

}  // namespace uls
