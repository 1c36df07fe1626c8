// SPDX-License-Identifier: Apache-2.0
// Pascal-Part: Annotations_Part/X.mat with anno = {name, objects}, object = {class, number, mask, parts},
// part = {name, mask}, fields taken by position; pictures in JPEGImages, lists in ImageSets/Main. Or all in
// one folder.

#include "core/base/error.h"
#include "data/convert/label_regions.h"
#include "data/convert/matlab.h"
#include "data/convert/part_names.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"
#include "data/convert/voc_names.h"

namespace uls {
namespace {

class PascalPart : public Source {
 public:
  explicit PascalPart(const SourceOptions& options)
      : root_(absolute_path(options.root)),
        templates_(options.templates),
        merged_(extra_choice(options, "parts", {"merged", "original"}) == "merged") {
    flat_ = !is_folder(joined_path(root_, "Annotations_Part"));
    annotations_ = flat_ ? root_ : joined_path(root_, "Annotations_Part");
    images_ = flat_ ? root_ : find_folder(root_, {extra_option(options, "images", "JPEGImages")});
    std::vector<std::string> splits;
    for (const char* split : {"train", "val"})
      if (is_file(list_path(split))) splits.push_back(split);
    const bool listed = !splits.empty();
    if (!listed) splits = {"all"};
    for (const std::string& split : chosen_splits(options, "pascal_part", splits))
      for (const std::string& name : listed ? read_lines(list_path(split)) : list_files(annotations_, ".mat"))
        items_.push_back({split, listed ? name : stem(name)});
  }

  Manifest manifest() const override {
    return {.name = "Pascal-Part",
            .source = merged_ ? "pascal_part, merged parts" : "pascal_part, original parts",
            .licence = "research; images: Flickr terms",
            .images = images_};
  }
  std::int64_t size() const override { return std::int64_t(items_.size()); }

  Sample sample(std::int64_t index) const override {
    const auto& [split, name] = items_[std::size_t(index)];
    Sample sample = image_sample(images_, split + "/" + name, name + ".jpg", split);
    const MatlabValue anno = read_matlab(joined_path(annotations_, name + ".mat"), "anno");
    const MatlabValue& objects = anno.field(0, 1);
    std::vector<std::int32_t> classes_of;
    std::map<std::pair<std::string, std::string>, std::vector<std::int32_t>>
        parts;  // object, part -> regions
    for (std::int64_t k = 0; k < objects.size(); ++k) {
      const std::string& object = objects.field(k, 0).as_text();
      const std::int32_t index_of_class =
          class_of_value(classes_, std::int64_t(objects.field(k, 1).as_number()), objects.where);
      add_region(sample, objects.field(k, 2), Json::object({{"object", k}, {"class", object}}));
      classes_of.push_back(index_of_class);
      const MatlabValue& list = objects.field(k, 3);
      for (std::int64_t j = 0; j < list.size(); ++j) {
        const std::string& part = list.field(j, 0).as_text();
        const bool there =
            add_region(sample, list.field(j, 1), Json::object({{"object", k}, {"part", part}}));
        classes_of.push_back(-1);
        const std::string text = merged_ ? merged_part_name(object, part) : part;
        if (there && !text.empty())
          parts[{parts_name_object(templates_) ? object : "", text}].push_back(
              std::int32_t(sample.regions.size()) - 1);
      }
    }
    add_instance_targets(sample, classes_of, classes_, Task::semantic, templates_, spoken_);
    for (auto& [key, regions] : parts)
      sample.targets.push_back({.id = fmt::format("{}/part/{}{}{}", sample.id, key.first,
                                                  key.first.empty() ? "" : ":", key.second),
                                .texts = fill_templates(templates_.part, key.second, spoken(key.first)),
                                .regions = std::move(regions),
                                .task = Task::part,
                                .granularity = Granularity::coarse});
    return sample;
  }

 private:
  struct Item {
    std::string split, name;
  };

  std::string list_path(const std::string& split) const {
    return joined_path(root_, "ImageSets/Main/" + split + ".txt");
  }

  // False where the mask is empty.
  bool add_region(Sample& sample, const MatlabValue& mask, Json source) const {
    const LabelMap map = mask.as_label_map();
    check_same_size(sample, map.height, map.width, mask.where);
    std::vector<std::uint8_t> foreground(map.labels.size());
    for (std::size_t i = 0; i < foreground.size(); ++i) foreground[i] = map.labels[i] != 0;
    sample.regions.push_back(
        {.mask = encode_mask(foreground, map.height, map.width), .source = std::move(source)});
    return area(sample.regions.back().mask) > 0;
  }

  std::string spoken(const std::string& object) const {
    for (std::size_t i = 0; i < spoken_.size(); ++i)
      if (classes_.names[i] == object) return spoken_[i];
    return object;
  }

  std::string root_;
  TextTemplates templates_;
  bool merged_, flat_ = false;
  std::string annotations_, images_;
  ClassList classes_ = voc_classes();
  std::vector<std::string> spoken_ = spoken_voc_names(classes_);
  std::vector<Item> items_;
};

}  // namespace

SourceKind pascal_part_source() {
  return {.name = "pascal_part",
          .summary = "Pascal-Part: objects of 20 classes and their parts (.mat)",
          .extras = {{"parts", "texts: merged (VLPart's 93 parts, the default) or original (lear, fliplate)"},
                     {"images", "folder of the pictures (JPEGImages)"}},
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<PascalPart>(options);
          }};
}

}  // namespace uls
