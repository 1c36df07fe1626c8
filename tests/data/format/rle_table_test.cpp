// SPDX-License-Identifier: Apache-2.0
// Our masks against pycocotools': a small table that is here, and a large one made now where there is a
// Python that has it (ULS_PEER).
#include <catch2/catch.hpp>

#include <sstream>

#include "core/config/settings.h"
#include "data/format/image.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/rle_table.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

Json peer_table(const std::vector<std::string>& options) {
  const Folder folder;
  std::vector<std::string> words{settings().peer, ULS_SOURCE_DIR "/scripts/peers/coco_masks.py", "--out",
                                 folder / "table.json"};
  words.insert(words.end(), options.begin(), options.end());
  const ProcessResult made = run_process(words);
  INFO(made.err);
  REQUIRE(made.code == 0);
  return read_json_file(folder / "table.json");
}

// Of label files as YOLO has them: a class, and corners relative to the image's size.
Json real_polygons(const fs::path& labels, const fs::path& images) {
  Json polygons = Json::array();
  for (const auto& entry : fs::directory_iterator(labels)) {
    const std::string image = (images / entry.path().stem()).string() + ".jpg";
    if (!fs::exists(image)) continue;
    const ImageSize size = read_image_size(image);
    std::istringstream lines(get(entry.path().string()));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      double number = 0;
      words >> number;
      Json xy = Json::array();
      while (words >> number) xy.push_back(number * double(xy.size() % 2 == 0 ? size.width : size.height));
      polygons.push_back(Json::object({{"size", Json::array({size.height, size.width})}, {"xy", xy}}));
    }
  }
  return polygons;
}

}  // namespace

TEST_CASE("rle table: as pycocotools makes them") {
  CHECK(check_rle_table(read_json_file(ULS_SOURCE_DIR "/tests/data/format/rle_table.json")) == 42);
}

TEST_CASE("rle peer: 10,000 random masks and as many polygons are pycocotools'", "[peer]") {
  if (!has_peer("pycocotools.mask")) ULS_SKIP("peer", "no Python with pycocotools in ULS_PEER");
  CHECK(check_rle_table(peer_table({"--groups", "3334", "--seed", "1"})) == 3334 * 7);
}

TEST_CASE("rle peer: all polygons of COCO128 are pycocotools'", "[peer]") {
  if (!has_peer("pycocotools.mask")) ULS_SKIP("peer", "no Python with pycocotools in ULS_PEER");
  const fs::path set = fs::path(settings().shared) / "data/coco128_seg";
  if (settings().shared.empty() || !fs::exists(set)) ULS_SKIP("shared", "no data/coco128_seg in ULS_SHARED");
  const Json polygons = real_polygons(set / "labels/train2017", set / "images/train2017");
  CHECK(polygons.size() == 714);
  const Folder folder;
  put(folder / "polygons.json", polygons.dump());
  CHECK(check_rle_table(peer_table({"--groups", "40", "--side", "640", "--polygons",
                                    folder / "polygons.json"})) == 40 * 4 + polygons.size());
}
