// SPDX-License-Identifier: Apache-2.0
// COCO128-seg and other sets in YOLO's layout: images/train2017/X.jpg, labels/train2017/X.txt. Instances may
// overlap, so there is no label map.
#include <algorithm>

#include "core/base/error.h"
#include "data/convert/coco_names.h"
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"
#include "data/convert/yolo_labels.h"

namespace uls {
namespace {

class Coco128 : public Source {
 public:
  explicit Coco128(const SourceOptions& options)
      : root_(absolute_path(options.root)),
        templates_(options.templates),
        task_(parse_task(extra_choice(options, "task", {"semantic", "open_vocabulary", "salient"}))) {
    classes_.names = coco_things();
    const std::string names = extra_option(options, "classes", "");
    if (!names.empty()) classes_.names = read_lines(absolute_path(names));
    for (std::size_t i = 0; i < classes_.names.size(); ++i) classes_.values.push_back(std::int32_t(i));
    classes_.ignore = -1;
    find_folder(root_, {"labels"});
    const std::string images = find_folder(root_, {"images"});
    std::vector<std::string> splits;
    for (const std::string& folder : list_folders(images)) splits.push_back(split_of(folder));
    const auto chosen = chosen_splits(options, "coco128", splits);
    for (const std::string& folder : list_folders(images))
      for (const std::string& split : chosen)
        if (split_of(folder) == split)
          for (const std::string& name : list_files(joined_path(images, folder), ".jpg"))
            items_.push_back({split, folder, name});
  }

  Manifest manifest() const override {
    return {.name = "COCO128-seg",
            .source = "coco128",
            .licence = "annotations CC BY 4.0; images: Flickr terms; set AGPL-3.0",
            .images = root_};
  }
  std::int64_t size() const override { return std::int64_t(items_.size()); }

  Sample sample(std::int64_t index) const override {
    const auto& [split, folder, name] = items_[std::size_t(index)];
    Sample sample = image_sample(root_, split + "/" + stem(name), "images/" + folder + "/" + name, split);
    const std::string path = joined_path(root_, "labels/" + folder + "/" + stem(name) + ".txt");
    std::vector<std::int32_t> classes_of;
    for (YoloInstance& instance : yolo_instances(path, sample.height, sample.width)) {
      const auto line = std::int64_t(classes_of.size());
      classes_of.push_back(class_of_value(classes_, instance.label, path));
      sample.regions.push_back({.mask = std::move(instance.mask),
                                .source = Json::object({{"line", line}, {"class", instance.label}})});
    }
    if (task_ == Task::salient)
      add_largest(sample);
    else
      add_instance_targets(sample, classes_of, classes_, task_, templates_);
    return sample;
  }

  std::map<std::string, PublishedCount> published() const override { return {{"train", {128}}}; }

 private:
  struct Item {
    std::string split, folder, name;
  };

  // The largest object as the salient one: ours, for sets where nobody was asked what he looked at first.
  void add_largest(Sample& sample) const {
    const auto largest =
        std::ranges::max_element(sample.regions, {}, [](const Region& r) { return area(r.mask); });
    if (largest == sample.regions.end()) return;
    sample.targets.push_back({.id = sample.id + "/salient",
                              .texts = templates_.salient,
                              .regions = {std::int32_t(largest - sample.regions.begin())},
                              .task = task_,
                              .granularity = Granularity::coarse});
  }

  // "train" of "train2017".
  static std::string split_of(const std::string& folder) {
    const std::size_t end = folder.find_last_not_of("0123456789");
    return end == std::string::npos ? folder : folder.substr(0, end + 1);
  }

  std::string root_;
  TextTemplates templates_;
  Task task_;
  ClassList classes_;
  std::vector<Item> items_;
};

}  // namespace

SourceKind coco128_source() {
  return {.name = "coco128",
          .summary = "COCO128-seg and YOLO polygons alike: images/train2017, labels/train2017",
          .extras = {{"classes", "file of class names, one a line (COCO's 80)"},
                     {"task", "semantic (default), open_vocabulary; or salient: the largest object"}},
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<Coco128>(options);
          }};
}

}  // namespace uls
