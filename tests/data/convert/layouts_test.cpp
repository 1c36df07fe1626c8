// SPDX-License-Identifier: Apache-2.0
// The layouts that the real samples do not show: lists of splits, joins with COCO's instances, names in
// Latin-1, and what is missing or broken in them.
#include <catch2/catch.hpp>

#include <array>

#include "data/convert/convert.h"
#include "tests/data/convert/convert_fixture.h"
#include "tests/data/convert/small_trees.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

std::vector<std::string> sample_ids(const Dataset& dataset) {
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < dataset.size(); ++i) all.push_back(dataset.sample(i).id);
  return all;
}

// An ADE20K picture of 2 x 4: class 1 with objects 3 and 4, class 300, unlabelled; a part of class 5.
void make_ade_tree(const std::string& root) {
  const std::string stem = root + "/training/a/ADE_train_1";
  put_picture(stem + ".jpg", 2, 4);
  const auto put_encoded = [](const std::string& path, const std::vector<std::array<int, 2>>& pixels) {
    Image image{.height = 2, .width = 4, .channels = 3, .pixels = {}};
    for (const auto& [value, object] : pixels)
      for (const int byte : {value / 256 * 10, value % 256, object})
        image.pixels.push_back(std::uint8_t(byte));
    put_file(path, encode_png(image));
  };
  put_encoded(stem + "_seg.png", {{1, 3}, {1, 3}, {1, 4}, {0, 0}, {300, 9}, {300, 9}, {1, 4}, {0, 0}});
  put_encoded(stem + "_parts_1.png", {{5, 1}, {0, 0}, {5, 2}, {0, 0}, {5, 3}, {0, 0}, {0, 0}, {0, 0}});
  const auto object = [](int value, const char* name, int level) {
    return fmt::format(R"({{"name_ndx": {}, "name": "{}", "parts": {{"part_level": {}}}}})", value, name,
                       level);
  };
  put_file(stem + ".json", R"({"annotation": {"object": [)" + object(1, "caf\xe9, bar", 0) + "," +
                               object(300, "car, auto", 0) + "," + object(5, "door", 1) + "]}}");
}

}  // namespace

TEST_CASE("convert: ADE20K's numbers, names in Latin-1, parts by object") {
  const Folder folder;
  make_ade_tree(folder / "in");
  const auto dataset = converted("ade20k_full", folder / "in", folder / "set");
  const Sample sample = dataset->sample(0);
  const ClassList& classes = dataset->manifest().class_lists.at(Task::semantic);
  CHECK(classes.names == Texts{"café, bar", "door", "car, auto"});
  CHECK(classes.values == std::vector<std::int32_t>{1, 5, 300});
  CHECK(dataset->label_map(sample, Task::semantic).labels ==
        std::vector<std::uint16_t>{1, 1, 1, 0, 300, 300, 1, 0});
  CHECK(sample.regions[0].source.dump() == R"({"class":1,"object":3,"level":0})");
  REQUIRE(sample.targets.size() == 3);
  CHECK(sample.targets[0].texts == Texts{"all café"});
  CHECK(sample.targets[2].texts == Texts{"door"});
  CHECK(area(dataset->target_rle(sample, sample.targets[2])) == 3);

  put(folder / "t.yaml", "part: ['{object} {}']\n");
  convert(*open_source("ade20k_full", {.root = folder / "in",
                                       .split = "",
                                       .extra = {},
                                       .templates = read_text_templates(folder / "t.yaml")}),
          folder / "parts");
  const auto parts = Dataset::open(folder / "parts");
  const Sample by_object = parts->sample(0);
  REQUIRE(by_object.targets.size() == 4);
  CHECK(by_object.targets[2].texts == Texts{"café door"});
  CHECK(area(parts->target_rle(by_object, by_object.targets[2])) == 2);
  CHECK(by_object.targets[3].texts == Texts{"car door"});

  put(folder / "in/training/a/ADE_train_1.json", "{\"annotation\": {\"object\": [{}]}}");
  CHECK_THAT(conversion_error("ade20k_full", folder / "in"),
             Contains("ADE_train_1.json:1: missing key 'name_ndx'"));
  fs::remove(folder / "in/training/a/ADE_train_1.json");
  CHECK_THAT(conversion_error("ade20k_full", folder / "in"), Contains("ADE_train_1.json"));
  fs::remove_all(folder / "in/training");
  fs::create_directories(folder / "in/training");
  CHECK_THAT(conversion_error("ade20k_full", folder / "in"), Contains("expected X_seg.png below training"));
}

TEST_CASE("convert: VOC's lists, objects beside ignored pixels, own class names") {
  const Folder folder;
  const std::string in = folder / "in";
  const std::map<char, int> letters{{'a', 255}, {'b', 20}};
  for (const char* name : {"x1", "x2", "x3"}) {
    put_picture(in + "/JPEGImages/" + name + ".jpg", 2, 5);
    put_labels(in + "/SegmentationClass/" + name + ".png", {"0ba11", "0ba00"}, letters);
    put_labels(in + "/SegmentationObject/" + name + ".png", {"01a23", "01400"}, letters);
  }
  put_file(in + "/ImageSets/Segmentation/train.txt", "x2\nx1\n");
  put_file(in + "/ImageSets/Segmentation/val.txt", "x3\r\n");
  const auto dataset = converted("voc", in, folder / "set");
  CHECK(sample_ids(*dataset) == Texts{"train/x2", "train/x1", "val/x3"});
  const Sample sample = dataset->sample(2);
  CHECK(dataset->label_map(sample, Task::semantic).labels ==
        std::vector<std::uint16_t>{0, 20, 255, 1, 1, 0, 20, 255, 0, 0});
  // Objects 2 and 3 of class 1, object 1 of class 20, object 4 on an ignored pixel.
  REQUIRE(sample.regions.size() == 4);
  CHECK(sample.regions[3].source.dump() == R"({"value":255,"object":4})");
  REQUIRE(sample.targets.size() == 2);
  CHECK(sample.targets[0].texts == Texts{"all aeroplane"});
  CHECK(sample.targets[0].regions == std::vector<std::int32_t>{0, 1});
  CHECK(sample.targets[1].texts == Texts{"all tv monitor"});
  CHECK(sample_ids(*converted("voc", in, folder / "val", {}, "val")) == Texts{"val/x3"});

  put(in + "/class_names.txt", "background\none\n");
  CHECK_THAT(conversion_error("voc", in),
             Contains("SegmentationClass/x2.png: a value that is no class; got 20"));
  put(in + "/class_names.txt", "background\n");
  CHECK_THAT(conversion_error("voc", in), Contains("wrong number of classes; got 1"));
  fs::remove(in + "/class_names.txt");
  put(in + "/ImageSets/Segmentation/val.txt", "x4\n");
  CHECK_THAT(conversion_error("voc", in), Contains("JPEGImages/x4.jpg"));
}

TEST_CASE("convert: DAVIS by its lists, a frame without the object") {
  const Folder folder;
  const std::string in = folder / "in";
  for (const char* name : {"bear/00000", "bear/00001", "dog/00000"}) {
    put_picture(in + "/JPEGImages/480p/" + name + ".jpg", 1, 3);
    put_labels(in + "/Annotations/480p/" + name + ".png", {name == std::string("bear/00001") ? "000" : "0aa"},
               {{'a', 255}});
  }
  put_file(in + "/ImageSets/480p/train.txt",
           "/JPEGImages/480p/bear/00000.jpg /Annotations/480p/bear/00000.png\n"
           "/JPEGImages/480p/bear/00001.jpg /Annotations/480p/bear/00001.png\n");
  put_file(in + "/ImageSets/480p/val.txt", "dog\n");
  const auto dataset = converted("davis", in, folder / "set");
  CHECK(sample_ids(*dataset) == Texts{"bear/00000", "bear/00001", "dog/00000"});
  const Sample frame = dataset->sample(1);
  CHECK(frame.split == "train");
  CHECK(frame.video == "bear");
  CHECK(frame.frame == 1);
  REQUIRE(frame.targets.size() == 1);
  CHECK(frame.targets[0].regions.empty());
  CHECK(frame.targets[0].texts == Texts{"bear"});
  CHECK(frame.targets[0].source.dump() == R"({"text":"sequence name"})");
  CHECK(dataset->sample(2).split == "val");
  const Sample salient = converted("davis", in, folder / "salient", {{"task", "salient"}})->sample(0);
  CHECK((salient.video == "bear" && salient.targets[0].task == Task::salient));
  CHECK(salient.targets[0].texts == Texts{"the most salient object"});
  CHECK(salient.targets[0].id == "bear/00000/salient");
  fs::remove(in + "/Annotations/480p/bear/00001.png");
  CHECK_THAT(conversion_error("davis", in),
             Contains("sample 1: ") && Contains("Annotations/480p/bear/00001.png"));
}

TEST_CASE("convert: Google RefExp joined with COCO's instances") {
  const Folder folder;
  const std::string in = folder / "in";
  make_refer_tree(in);
  const auto row = [](int image, int annotation, const char* type, const char* text) {
    return fmt::format("http://x/coco_{0}.jpg,http://x/coco_{0}_ann_{1}_masked.jpg,{2},{3},{4},{4}\n", image,
                       annotation, type, type == std::string("GT") ? "GEN" : "GT", text);
  };
  const std::string header =
      "image_url_o_0,image_url_mask_0,descrip_type_0_0,descrip_type_0_1,descrip_0_0,descrip_0_1\n";
  const std::string good = header + row(1, 11, "GT", "a man") + row(2, 13, "GEN", "a woman") +
                           row(1, 12, "GT", "\"a ball, red\"") + row(1, 11, "GT", "the man on the left");
  put(in + "/t.csv", good);
  const Extras extras{{"csv", "t.csv"},
                      {"instances", in + "/refcoco/instances.json"},
                      {"images", in + "/images/mscoco/images/train2014"}};
  const auto dataset = converted("refexp", in, folder / "set", extras);
  CHECK(sample_ids(*dataset) == Texts{"val/1", "val/2"});
  const Sample sample = dataset->sample(0);
  REQUIRE(sample.targets.size() == 2);
  CHECK(sample.targets[0].texts == Texts{"a man", "the man on the left"});
  CHECK(sample.targets[1].texts == Texts{"a ball, red"});
  CHECK(area(dataset->target_rle(sample, sample.targets[0])) == 18 * 12 + 20 * 17 - 10 * 6);

  put(in + "/t.csv", good + row(1, 77, "GT", "nobody"));
  CHECK_THAT(conversion_error("refexp", in, extras), Contains("t.csv: annotation 77 of image 1 is not in"));
  Extras subset = extras;
  subset["subset"] = "true";
  CHECK(conversion_error("refexp", in, subset).empty());
  put(in + "/t.csv", header + row(2, 11, "GT", "a man"));
  CHECK_THAT(conversion_error("refexp", in, extras),
             Contains("annotation 11 lies on another image; got 1; expected 2"));
  put(in + "/t.csv", good + "http://x/coco_x.jpg,http://x/coco_1_ann_11_masked.jpg,GT,GEN,a,b\n");
  CHECK_THAT(conversion_error("refexp", in, extras), Contains("t.csv: line 6: wrong name"));
  CHECK_THAT(conversion_error("refexp", in, {{"csv", "t.csv"}}), Contains("instances=FILE is missing"));
  CHECK_THAT(conversion_error("refexp", in, {{"csv", "t.csv"}, {"coco128", in}}), Contains("come together"));
}

TEST_CASE("convert: Pascal-Part by its lists, and its mistakes") {
  const std::string real = shared_data("pascal_part_sample");
  if (real.empty()) ULS_SKIP("shared", "no data/pascal_part_sample in ULS_SHARED");
  const Folder folder;
  const std::string in = folder / "in", annotations = in + "/Annotations_Part";
  for (const char* name : {"2008_000652", "2008_001978"}) {
    put_file(annotations + "/" + name + ".mat", get(real + "/" + name + ".mat"));
    put_file(in + "/JPEGImages/" + name + ".jpg", get(real + "/" + name + ".jpg"));
  }
  put_file(in + "/ImageSets/Main/val.txt", "2008_001978\n2008_000652\n");
  const auto dataset = converted("pascal_part", in, folder / "set", {}, "val");
  CHECK(sample_ids(*dataset) == Texts{"val/2008_001978", "val/2008_000652"});
  CHECK(dataset->sample(0).targets.back().texts == Texts{"torso"});

  put(annotations + "/2008_000652.mat", get(real + "/2008_001978.mat"));
  CHECK_THAT(conversion_error("pascal_part", in),
             Contains("2008_000652.mat: anno.objects.mask: mask of another size"));
  const std::string good = get(real + "/2008_000652.mat");
  put(annotations + "/2008_000652.mat", good.substr(0, good.size() - 100));
  CHECK_THAT(conversion_error("pascal_part", in), Contains("2008_000652.mat: byte ") && Contains("cut off"));
  fs::remove(annotations + "/2008_000652.mat");
  CHECK_THAT(conversion_error("pascal_part", in), Contains("2008_000652.mat"));
}

TEST_CASE("convert: folders and options that are wrong") {
  const Folder folder;
  const std::string in = folder / "in";
  make_folders_tree(in);
  CHECK_THAT(conversion_error("folders", in, {{"threshold", "x"}}), Contains("threshold: got 'x'"));
  CHECK_THAT(conversion_error("folders", in, {{"images", "y"}}),
             Contains("wrong layout; expected a folder y"));
  fs::remove(in + "/images/two.png");
  CHECK_THAT(conversion_error("folders", in),
             Contains("images: missing file; expected two.jpg or two.png or two.jpeg"));
  put(in + "/masks/one.png", "");
  CHECK_THAT(conversion_error("folders", in), Contains("masks/one.png"));
  const Extras text{{"text", "all fish"}, {"task", "open_vocabulary"}};
  make_folders_tree(in);
  const auto dataset = converted("folders", in, folder / "set", text);
  CHECK(dataset->sample(0).targets[0].texts == Texts{"all fish"});
  CHECK(dataset->sample(0).targets[0].task == Task::open_vocabulary);
  CHECK_THAT(conversion_error("refcoco", in, {{"split_by", "umd"}}),
             Contains("unknown word; got 'umd'; expected unc or google"));
  CHECK_THAT(conversion_error("refcoco", in, {{"leak_free", "yes"}}),
             Contains("wrong layout") || Contains("expected true or false"));
}

}  // namespace uls
