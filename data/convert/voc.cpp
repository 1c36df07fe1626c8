// SPDX-License-Identifier: Apache-2.0
// Pascal VOC's segmentation: JPEGImages/X.jpg, SegmentationClass/X.png, SegmentationObject/X.png where there
// is one, lists in ImageSets/Segmentation; labelme writes the same without lists.
#include "data/convert/voc_names.h"

#include <array>

#include "core/base/error.h"
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"

namespace uls {

ClassList voc_classes() {
  ClassList classes{
      .names = {"aeroplane", "bicycle",     "bird",  "boat",        "bottle", "bus",      "car",
                "cat",       "chair",       "cow",   "diningtable", "dog",    "horse",    "motorbike",
                "person",    "pottedplant", "sheep", "sofa",        "train",  "tvmonitor"},
      .ignore = 255,
      .background = 0};
  for (std::int32_t i = 1; i <= 20; ++i) classes.values.push_back(i);
  return classes;
}

std::vector<std::string> spoken_voc_names(const ClassList& classes) {
  std::vector<std::string> names = classes.names;
  for (std::string& name : names)
    for (const auto& [joined, words] :
         {std::array{"diningtable", "dining table"}, std::array{"pottedplant", "potted plant"},
          std::array{"tvmonitor", "tv monitor"}, std::array{"tv/monitor", "tv monitor"}})
      if (name == joined) name = words;
  return names;
}

namespace {

class Voc : public Source {
 public:
  explicit Voc(const SourceOptions& options)
      : root_(absolute_path(options.root)), templates_(options.templates), classes_(voc_classes()) {
    find_folder(root_, {"JPEGImages"});
    find_folder(root_, {"SegmentationClass"});
    objects_ = is_folder(joined_path(root_, "SegmentationObject"));
    read_class_names(joined_path(root_, extra_option(options, "classes", "class_names.txt")),
                     options.extra.contains("classes"));
    std::vector<std::string> splits;
    for (const char* split : {"train", "val", "test"})
      if (is_file(list_path(split))) splits.push_back(split);
    listed_ = !splits.empty();
    if (!listed_) splits = {"all"};
    for (const std::string& split : chosen_splits(options, "voc", splits))
      for (const std::string& name : listed_ ? read_lines(list_path(split))
                                             : list_files(joined_path(root_, "SegmentationClass"), ".png"))
        items_.push_back({split, listed_ ? name : stem(name)});
  }

  Manifest manifest() const override {
    return {.name = "Pascal VOC",
            .source = "voc",
            .licence = "images: Flickr terms",
            .images = root_,
            .class_lists = {{Task::semantic, classes_}}};
  }
  std::int64_t size() const override { return std::int64_t(items_.size()); }

  Sample sample(std::int64_t index) const override {
    const auto& [split, name] = items_[std::size_t(index)];
    Sample sample = image_sample(root_, split + "/" + name, "JPEGImages/" + name + ".jpg", split);
    const std::string path = joined_path(root_, "SegmentationClass/" + name + ".png");
    const LabelMap labels = read_label_png(path);
    if (!objects_) {
      add_label_map(sample, labels, classes_, Task::semantic, templates_, path, spoken_voc_names(classes_));
      return sample;
    }
    check_same_size(sample, labels.height, labels.width, path);
    add_objects(sample, labels, path, joined_path(root_, "SegmentationObject/" + name + ".png"));
    return sample;
  }

  std::map<std::string, PublishedCount> published() const override {
    return {{"train", {1464}}, {"val", {1449}}};
  }

 private:
  struct Item {
    std::string split, name;
  };

  std::string list_path(const std::string& split) const {
    return joined_path(root_, "ImageSets/Segmentation/" + split + ".txt");
  }

  // One name a line, the first that of the background.
  void read_class_names(const std::string& path, bool required) {
    if (!required && !is_file(path)) return;
    classes_.names = read_lines(path);
    ULS_CHECK(classes_.names.size() >= 2 && classes_.names.size() < 255,
              "{}: wrong number of classes; got {}; expected 2 to 254, the background first", path,
              classes_.names.size());
    classes_.names.erase(classes_.names.begin());
    classes_.values.clear();
    for (std::size_t i = 1; i <= classes_.names.size(); ++i) classes_.values.push_back(std::int32_t(i));
  }

  // A region for each pair of class and object, so that both maps can be given back; pixels that are ignored
  // in one map and hold an object in the other are regions without a target.
  void add_objects(Sample& sample, const LabelMap& labels, const std::string& path,
                   const std::string& object_path) const {
    const LabelMap objects = read_label_png(object_path);
    check_same_size(sample, objects.height, objects.width, object_path);
    std::vector<std::uint32_t> pairs(labels.labels.size());
    std::vector<std::uint8_t> ignored(labels.labels.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      pairs[i] = std::uint32_t(labels.labels[i]) << 16 | objects.labels[i];
      ignored[i] = labels.labels[i] == classes_.ignore;
    }
    const Rle ignore = encode_mask(ignored, labels.height, labels.width);
    if (area(ignore) > 0) sample.ignore = ignore;
    std::vector<std::int32_t> classes_of;
    for (auto& [pair, mask] : masks_by_value(pairs, labels.height, labels.width)) {
      const std::int64_t value = pair >> 16, object = pair & 0xFFFF;
      if (value == object && (value == classes_.background || value == classes_.ignore)) continue;
      classes_of.push_back(class_of_value(classes_, value, path));
      sample.regions.push_back(
          {.mask = std::move(mask), .source = Json::object({{"value", value}, {"object", object}})});
    }
    add_class_targets(sample, classes_of, classes_, Task::semantic, templates_, spoken_voc_names(classes_));
  }

  std::string root_;
  TextTemplates templates_;
  ClassList classes_;
  bool objects_ = false, listed_ = false;
  std::vector<Item> items_;
};

}  // namespace

SourceKind voc_source() {
  return {
      .name = "voc",
      .summary = "Pascal VOC's palette PNGs: classes, and objects where SegmentationObject is there",
      .extras = {{"classes", "file of class names, the background first (class_names.txt, else VOC's 20)"}},
      .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
        return std::make_unique<Voc>(options);
      }};
}

}  // namespace uls
