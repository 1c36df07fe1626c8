// SPDX-License-Identifier: Apache-2.0
#include "tests/data/convert/small_trees.h"

#include <fmt/core.h>

#include "tests/data/convert/convert_fixture.h"
#include "tests/data/convert/python2_refs.h"

namespace uls::test {
namespace {

constexpr const char* kAnnotations = R"( "annotations": [
  {"id": 11, "image_id": 1, "category_id": 1, "iscrowd": 0, "bbox": [2, 2, 28, 23], "area": 546,
   "segmentation": [[2, 2, 20, 2, 20, 14, 2, 14], [10, 8, 30, 8, 30, 25, 10, 25]]},
  {"id": 12, "image_id": 1, "category_id": 18, "iscrowd": 0,
   "segmentation": [[5.5, 3.25, 15.75, 4.5, 12.0, 20.5, 6.25, 18.0]]},
  {"id": 13, "image_id": 2, "category_id": 1, "iscrowd": 0,
   "segmentation": [[0, 0, 20, 0, 20, 9.5, 0, 16], [1, 1, 3, 12]]},
  {"id": 14, "image_id": 2, "category_id": 1, "iscrowd": 1,
   "segmentation": {"size": [16, 20], "counts": [100, 30, 20, 40, 130]}},
  {"id": 15, "image_id": 3, "category_id": 1, "iscrowd": 0,
   "segmentation": {"size": [12, 10], "counts": "d057:R2"}}
 ],
)";

constexpr const char* kPictures[] = {"COCO_train2014_000000000001.jpg", "COCO_train2014_000000000002.jpg",
                                     "COCO_train2014_000000000003.jpg"};
constexpr int kSizes[][2] = {{30, 40}, {16, 20}, {12, 10}};

std::string images_json() {
  std::string text = " \"images\": [";
  for (int i = 0; i < 3; ++i)
    text += fmt::format(
        "{}\n  {{\"id\": {}, \"file_name\": \"{}\", \"height\": {}, \"width\": {}, \"license\": 1}}",
        i ? "," : "", i + 1, kPictures[i], kSizes[i][0], kSizes[i][1]);
  return text + "\n ],\n";
}

void put_pictures(const std::string& folder) {
  for (int i = 0; i < 3; ++i) put_picture(folder + "/" + kPictures[i], kSizes[i][0], kSizes[i][1]);
}

constexpr const char* kRefsJson = R"([
 {"ref_id": 5, "ann_id": [11, 12], "category_id": [1, 18], "image_id": 1, "split": "train",
  "file_name": "x.jpg",
  "sent_ids": [0], "sentences": [
   {"sent_id": 0, "sent": "man and ball", "raw": "Man and ball", "tokens": ["man", "and", "ball"]}]},
 {"ref_id": 6, "ann_id": [-1], "category_id": [-1], "image_id": 1, "split": "train",
  "sent_ids": [1], "sentences": [{"sent_id": 1, "sent": "the elephant", "raw": "", "tokens": []}]},
 {"ref_id": 7, "ann_id": [13, 14], "category_id": [1, 1], "image_id": 2, "split": "testA",
  "sent_ids": [2], "sentences": [{"sent_id": 2, "sent": "everybody", "raw": "", "tokens": []}]}
])";

}  // namespace

std::string coco_json() {
  return std::string(
             "{\"info\": {\"description\": \"a \\\"quoted\\\" {[text\", \"year\": 2014},\n \"licenses\": "
             "[],\n") +
         images_json() + kAnnotations +
         " \"categories\": [{\"supercategory\": \"person\", \"id\": 1, \"name\": \"person\"}, {\"id\": 18, "
         "\"name\": \"dog\"}]\n}\n";
}

void make_refer_tree(const std::string& root, bool protocol2) {
  put_pictures(root + "/images/mscoco/images/train2014");
  for (const char* set : {"refcoco", "refcoco+", "refcocog", "grefcoco"})
    put_file(root + "/" + set + "/instances.json", coco_json());
  put(root + "/refcoco/refs(unc).p", protocol2 ? bytes_of(kRefcoco2) : bytes_of(kRefcoco0));
  put(root + "/refcoco+/refs(unc).p", bytes_of(kRefcocoPlus2));
  put(root + "/refcocog/refs(umd).p", bytes_of(kRefcocog0));
  put(root + "/grefcoco/grefs(unc).json", kRefsJson);
}

void make_coco_tree(const std::string& root) {
  put_pictures(root + "/train2017");
  put_picture(root + "/val2017/000000000009.jpg", 4, 6);
  put_file(root + "/annotations/instances_train2017.json", coco_json());
  put_labels(root + "/stuffthingmaps/val2017/000000000009.png", {"0000aa", "bbccaa", "ddcc00", "ddddaa"},
             {{'a', 255}, {'b', 95}, {'c', 170}, {'d', 181}});
  // Segments 1 (red 1), 256 * 3 = 768 (green 3), 65536 * 2 (blue 2).
  Image map{.height = 4, .width = 6, .channels = 3, .pixels = std::vector<std::uint8_t>(72)};
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 6; ++x)
      if (x < 5)
        map.pixels[std::size_t(18 * y + 3 * x + (y < 2 ? 0 : x < 3 ? 1 : 2))] = y < 2 ? 1 : x < 3 ? 3 : 2;
  put_file(root + "/annotations/panoptic_val2017/000000000009.png", encode_png(map));
  put(root + "/annotations/panoptic_val2017.json", R"({"images": [
  {"id": 9, "file_name": "000000000009.jpg", "height": 4, "width": 6}],
 "annotations": [{"image_id": 9, "file_name": "000000000009.png", "segments_info": [
  {"id": 1, "category_id": 1, "iscrowd": 0, "area": 10, "bbox": [0, 0, 5, 2]},
  {"id": 768, "category_id": 199, "iscrowd": 0}, {"id": 131072, "category_id": 1, "iscrowd": 1}]}],
 "categories": [{"id": 1, "name": "person", "isthing": 1},
  {"id": 199, "name": "wall-other-merged", "isthing": 0}]})");
}

void make_folders_tree(const std::string& root) {
  const std::map<char, int> letters{{'a', 128}, {'b', 129}, {'c', 255}};
  put_picture(root + "/images/one.jpg", 3, 4);
  put_picture(root + "/images/two.png", 2, 2);
  put_labels(root + "/masks/one.png", {"00aa", "0bbc", "1ccc"}, letters);
  put_labels(root + "/masks/two.png", {"00", "01"}, letters);
}

void make_camvid_tree(const std::string& root) {
  const std::map<char, int> letters{{'a', 10}, {'b', 11}};
  for (const char* name : {"train/x1", "train/x2", "val/x3"}) {
    put_picture(root + "/" + name + ".png", 3, 5);
    std::string labels = name;
    labels.insert(labels.find('/'), "annot");
    put_labels(root + "/" + labels + ".png", {"001bb", "00aab", "33aa9"}, letters);
  }
}

}  // namespace uls::test
