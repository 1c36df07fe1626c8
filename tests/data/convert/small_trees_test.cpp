// SPDX-License-Identifier: Apache-2.0
// Sources without a sample at hand, on small trees in their exact layout: against what is plain from the
// tree, and against other libraries where they are there.
#include <catch2/catch.hpp>

#include "tests/data/convert/convert_fixture.h"
#include "tests/data/convert/small_trees.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;

struct Converted {
  std::vector<std::string> lines;
  std::unique_ptr<Dataset> dataset;
};

Converted compared(const std::string& source, const std::string& root, const std::string& out,
                   const Extras& extras = {}) {
  Converted result{.lines = {}, .dataset = converted(source, root, out, extras)};
  result.lines = facts(*result.dataset);
  require_peer_facts(result.lines, source, root, extras);
  return result;
}

std::vector<std::string> ids(const Dataset& dataset) {
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < dataset.size(); ++i)
    for (const Target& target : dataset.sample(i).targets) all.push_back(target.id);
  return all;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("convert: RefCOCO from pickles of Python 2", "[peer]") {
  for (const bool protocol2 : {false, true}) {
    INFO("protocol " << (protocol2 ? 2 : 0));
    const Folder folder;
    make_refer_tree(folder.path(), protocol2);
    const auto [lines, dataset] = compared("refcoco", folder.path(), folder / "set");
    CHECK(ids(*dataset) == Ids{"train/0", "testA/1", "testA/2", "testB/2", "val/3", "val/4"});
    CHECK(dataset->manifest().samples ==
          std::map<std::string, std::int64_t>{{"testA", 1}, {"testB", 1}, {"train", 1}, {"val", 1}});
    const Sample train = dataset->sample(0);
    CHECK(train.image == "COCO_train2014_000000000003.jpg");
    CHECK(train.targets[0].texts == Ids{"left café", "rechts ß €"});
    CHECK(train.targets[0].source.dump() == R"({"ref_id":0,"sent_ids":[0,1]})");
    // Polygons that overlap count once: 18 x 12 and 20 x 17, 10 x 6 of both.
    const Sample test = dataset->sample(1);
    CHECK(area(dataset->target_rle(test, test.targets[0])) == 18 * 12 + 20 * 17 - 10 * 6);
    CHECK(test.targets[0].granularity == Granularity::fine);
    // Two refs to one annotation share its region.
    CHECK(dataset->sample(3).regions.size() == 1);
  }
}

TEST_CASE("convert: RefCOCO's splits by their rule") {
  const Folder folder;
  make_refer_tree(folder.path());
  const auto chosen = [&](const std::string& split) {
    return ids(*converted("refcoco", folder.path(), folder / split, {}, split));
  };
  CHECK(chosen("testB") == Ids{"testB/2"});
  CHECK(chosen("test") == Ids{"testA/1", "testA/2", "testB/2"});
  CHECK(chosen("train") == Ids{"train/0"});
  CHECK(conversion_error("refcoco", folder.path(), {}, "minival") ==
        "refcoco: --split: no refs of this split; got 'minival'");
}

TEST_CASE("convert: a leak-free training set of the REFER family", "[peer]") {
  const Folder folder;
  make_refer_tree(folder.path());
  CHECK(ids(*compared("refcoco+", folder.path(), folder / "all").dataset) == Ids{"train/0", "train/1"});
  const auto [lines, dataset] = compared("refcoco+", folder.path(), folder / "free", {{"leak_free", "true"}});
  CHECK(ids(*dataset) == Ids{"train/0"});
  CHECK_THAT(dataset->manifest().source,
             Catch::Contains("without images of val and test of refcoco (unc), "));
  // Image 1 is in RefCOCO's testA and RefCOCOg's own test: the test refs stay.
  CHECK(ids(*compared("refcocog", folder.path(), folder / "g", {{"leak_free", "true"}}).dataset) ==
        Ids{"test/70000"});
}

TEST_CASE("convert: gRefCOCO's several and absent targets", "[peer]") {
  const Folder folder;
  make_refer_tree(folder.path());
  const auto [lines, dataset] = compared("grefcoco", folder.path(), folder / "set");
  const Sample train = dataset->sample(0);
  CHECK(train.targets[0].regions == std::vector<std::int32_t>{0, 1});
  CHECK(train.targets[1].regions.empty());
  CHECK(area(dataset->target_rle(train, train.targets[1])) == 0);
  CHECK(dataset->sample(1).regions.size() == 1);  // without the crowd
}

TEST_CASE("convert: COCO's instances", "[peer]") {
  const Folder folder;
  make_coco_tree(folder.path());
  const auto [lines, dataset] = compared("coco_instances", folder.path(), folder / "set");
  CHECK(ids(*dataset) ==
        Ids{"train/1/semantic/1", "train/1/semantic/18", "train/2/semantic/1", "train/3/semantic/1"});
  const Sample second = dataset->sample(1);
  CHECK(second.regions[1].source.dump() == R"({"ann_id":14,"category_id":1,"iscrowd":1})");
  CHECK(area(second.regions[1].mask) == 70);
  CHECK(second.targets[0].texts == Ids{"all person"});
  CHECK(second.targets[0].granularity == Granularity::coarse);
}

TEST_CASE("convert: COCO-Stuff and COCO panoptic", "[peer]") {
  const Folder folder;
  make_coco_tree(folder.path());
  const auto stuff = compared("coco_stuff", folder.path(), folder / "stuff");
  CHECK(stuff.dataset->manifest().class_lists.at(Task::semantic).names.size() == 171);
  const Sample sample = stuff.dataset->sample(0);
  CHECK(sample.targets[1].texts == Ids{"all building"});
  CHECK(stuff.dataset->label_map(sample, Task::semantic).labels ==
        std::vector<std::uint16_t>{0,   0,   0,   0,   255, 255, 95,  95,  170, 170, 255, 255,
                                   181, 181, 170, 170, 0,   0,   181, 181, 181, 181, 255, 255});

  const auto panoptic = compared("coco_panoptic", folder.path(), folder / "panoptic");
  const Sample segments = panoptic.dataset->sample(0);
  CHECK(segments.regions.size() == 3);
  CHECK(segments.targets.size() == 2);
  CHECK(area(panoptic.dataset->target_rle(segments, segments.targets[0])) == 14);
  CHECK(panoptic.dataset->label_map(segments, Task::semantic).labels[5] == 0);
}

TEST_CASE("convert: folders of pictures and masks", "[peer]") {
  const Folder folder;
  make_folders_tree(folder.path());
  const auto half = compared("folders", folder.path(), folder / "half");
  CHECK(half.dataset->sample(0).targets[0].texts == Ids{"the most salient object"});
  CHECK(area(half.dataset->sample(0).regions[0].mask) == 6);
  CHECK(half.dataset->sample(1).targets[0].regions.empty());
  const auto any = compared("folders", folder.path(), folder / "any", {{"threshold", "nonzero"}});
  CHECK(area(any.dataset->sample(0).regions[0].mask) == 9);
  CHECK(area(any.dataset->sample(1).regions[0].mask) == 1);
  CHECK(converted("folders", folder.path(), folder / "named", {}, "test")->sample(0).split == "test");
}

TEST_CASE("convert: of YOLO's polygons the largest as the salient object") {
  const Folder folder;
  put_picture(folder / "images/train2017/a.jpg", 20, 20);
  put_picture(folder / "images/train2017/b.jpg", 20, 20);
  fs::create_directories(folder / "labels/train2017");
  put(folder / "labels/train2017/a.txt", "0 0 0 0.2 0 0.2 0.2 0 0.2\n2 0.3 0.2 0.9 0.2 0.9 0.7 0.3 0.7\n");
  const auto dataset = converted("coco128", folder.path(), folder / "set", {{"task", "salient"}});
  CHECK(ids(*dataset) == Ids{"train/a/salient"});
  const Sample sample = dataset->sample(0);
  CHECK(sample.targets[0].regions == std::vector<std::int32_t>{1});
  CHECK(sample.targets[0].texts == Ids{"the most salient object"});
  CHECK(area(dataset->target_rle(sample, sample.targets[0])) == 12 * 10);
}

}  // namespace uls
