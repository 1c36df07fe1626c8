// SPDX-License-Identifier: Apache-2.0
// Every real set of shared/data, converted, read back and compared with the source as other libraries decode
// it: all masks and label maps pixel for pixel, all ids, texts and sizes; and the counts that its README
// states.
#include <catch2/catch.hpp>

#include "data/convert/matlab.h"
#include "tests/data/convert/convert_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;

struct RealSet {
  std::string source, folder;
  Extras extras{};
};

// Facts of the converted set; equal to the peer's where there is one.
std::vector<std::string> compared(const RealSet& set, const std::string& root) {
  const Folder out;
  const auto dataset = converted(set.source, root, out / "set", set.extras);
  const std::vector<std::string> lines = facts(*dataset);
  require_peer_facts(lines, set.source, root, set.extras);
  return lines;
}

std::string folder_or_skip(const std::string& folder) {
  const std::string root = shared_data(folder);
  if (root.empty()) skip_or_fail("shared", "no data/" + folder + " in ULS_SHARED");
  return root;
}

}  // namespace

TEST_CASE("convert: CamVid", "[peer]") {
  const std::string root = folder_or_skip("camvid");
  if (root.empty()) return;
  const auto lines = compared({"camvid", "camvid"}, root);
  CHECK(count_facts(lines, "\timage ") == 58);
  CHECK(count_facts(lines, "\timage train/") == 37);
  CHECK(count_facts(lines, "\timage val/") == 21);
  for (const char* name : {"sky", "building", "pole", "road", "pavement", "tree", "sign symbol", "fence",
                           "car", "pedestrian", "bicyclist"})
    CHECK(count_facts(lines, fmt::format(" all {}\t", name)) > 0);
  CHECK(count_facts(lines, "\tignore\t") > 0);
}

TEST_CASE("convert: Clothing Co-Parsing", "[peer]") {
  const std::string root = folder_or_skip("ccp");
  if (root.empty()) return;
  const auto lines = compared({"ccp", "ccp"}, root);
  CHECK(count_facts(lines, "\timage ") == 240);
  // 53 of 59 ids occur, 8.4 a photo, the background among them.
  const std::int64_t targets = count_facts(lines, "\ttarget ");
  CHECK(targets / 240.0 + 1 == Approx(8.4).margin(0.05));
  std::int64_t ids = 1;
  for (int value = 1; value < 59; ++value) ids += count_facts(lines, fmt::format("/part/{} part", value)) > 0;
  CHECK(ids == 53);
}

TEST_CASE("convert: Clothing Co-Parsing's persons") {
  const std::string root = folder_or_skip("ccp");
  if (root.empty()) return;
  const Folder folder;
  const auto set = converted("ccp", root, folder / "set", {{"task", "salient"}});
  CHECK((set->size() == 240 && set->target_count() == 240));
  const Sample sample = set->sample(0);
  CHECK(sample.targets[0].texts == std::vector<std::string>{"the most salient object"});
  const auto labels =
      read_matlab(root + "/annotations/pixel-level/0001.mat", "groundtruth").as_label_map().labels;
  const auto mask = set->target_mask(sample, sample.targets[0]);
  REQUIRE(mask.size() == labels.size());
  for (std::size_t i = 0; i < mask.size(); ++i) REQUIRE((mask[i] != 0) == (labels[i] != 0));
}

TEST_CASE("convert: Pascal-Part", "[peer]") {
  const std::string root = folder_or_skip("pascal_part_sample");
  if (root.empty()) return;
  for (const char* parts : {"merged", "original"}) {
    const auto lines = compared({"pascal_part", "pascal_part_sample", {{"parts", parts}}}, root);
    CHECK(count_facts(lines, "\timage ") == 12);
    CHECK(count_facts(lines, "\"class\"") == 33);
    CHECK(count_facts(lines, "\"part\":\"lear\"") == 11);
    CHECK((count_facts(lines, " part coarse -1 lear\t") > 0) == (parts == std::string("original")));
  }
}

TEST_CASE("convert: COCO128's polygons", "[peer]") {
  const std::string root = folder_or_skip("coco128_seg");
  if (root.empty()) return;
  const auto lines = compared({"coco128", "coco128_seg"}, root);
  CHECK(count_facts(lines, "\timage ") == 95);
  CHECK(count_facts(lines, "\tregion ") == 714);
  std::int64_t ids = 0;
  for (int value = 0; value < 80; ++value) ids += count_facts(lines, fmt::format("/semantic/{} ", value)) > 0;
  CHECK(ids == 69);
}

TEST_CASE("convert: DAVIS 2016", "[peer]") {
  const std::string root = folder_or_skip("davis2016_480p");
  if (root.empty()) return;
  const auto lines = compared({"davis", "davis2016_480p"}, root);
  CHECK(count_facts(lines, "\timage ") == 232);
  for (const auto& [name, frames] : std::map<std::string, int>{{"blackswan", 50},
                                                               {"car-shadow", 40},
                                                               {"drift-chicane", 52},
                                                               {"drift-straight", 50},
                                                               {"motocross-jump", 40}})
    CHECK(count_facts(lines, "\timage " + name + "/") == frames);
}

TEST_CASE("convert: ADE20K in full", "[peer]") {
  const std::string root = folder_or_skip("ade20k_sample");
  if (root.empty()) return;
  const auto lines = compared({"ade20k_full", "ade20k_sample"}, root);
  CHECK(count_facts(lines, "\timage ") == 3);
  // 70 + 37 + 32 objects, of which 30 parts.
  CHECK(count_facts(lines, "\"level\":1") + count_facts(lines, "\"level\":2") == 30);
  CHECK(count_facts(lines, "\"level\":0") == 109);
  for (const char* part : {"balcony", "bumper", "door", "headlight", "mirror", "rim", "windshield"})
    CHECK(count_facts(lines, fmt::format(" part coarse -1 {}\t", part)) > 0);
}

TEST_CASE("convert: VOC's palettes from labelme", "[peer]") {
  for (const char* kind : {"semantic", "instance"}) {
    const std::string folder = fmt::format("voc_labelme/{}_segmentation/data_dataset_voc", kind);
    const std::string root = folder_or_skip(folder);
    if (root.empty()) return;
    const auto lines = compared({"voc", folder}, root);
    CHECK(count_facts(lines, "\timage ") == 3);
    CHECK(count_facts(lines, "\ttarget ") == 7);
  }
}

TEST_CASE("convert: Google RefExp on COCO128's pictures", "[peer]") {
  const std::string root = folder_or_skip("google_refexp_text"), coco = folder_or_skip("coco128_seg");
  if (root.empty() || coco.empty()) return;
  const auto lines =
      compared({"refexp", "google_refexp_text", {{"coco128", coco}, {"match", "598548:0,487048:2"}}}, root);
  CHECK(count_facts(lines, "\timage ") == 2);
  CHECK(count_facts(lines, "a tall brown and tan giraffe eating from a tree") == 1);
  CHECK(count_facts(lines, "the chubby woman who is playing frisbee with her friends") == 1);
}

}  // namespace uls
