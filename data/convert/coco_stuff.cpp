// SPDX-License-Identifier: Apache-2.0
// COCO-Stuff: stuffthingmaps/train2017/ID.png with values 0 to 181, 255 unlabelled; pictures in train2017.
#include "data/convert/coco_folders.h"
#include "data/convert/coco_names.h"
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"

namespace uls {
namespace {

class CocoStuff : public Source {
 public:
  explicit CocoStuff(const SourceOptions& options)
      : root_(absolute_path(options.root)),
        templates_(options.templates),
        published_(coco_published(options)) {
    for (const CocoSplit& split : coco_splits(options, "coco_stuff", "stuffthingmaps/{}"))
      for (const std::string& name : list_files(split.annotations, ".png")) items_.push_back({split, name});
  }

  Manifest manifest() const override {
    return {.name = "COCO-Stuff",
            .source = "coco_stuff",
            .licence = "annotations CC BY 4.0; images: Flickr terms",
            .images = root_,
            .class_lists = {{Task::semantic, classes_}}};
  }
  std::int64_t size() const override { return std::int64_t(items_.size()); }

  Sample sample(std::int64_t index) const override {
    const auto& [split, name] = items_[std::size_t(index)];
    Sample sample = image_sample(root_, split.name + "/" + stem(name),
                                 split.images + "/" + stem(name) + ".jpg", split.name);
    const std::string path = joined_path(split.annotations, name);
    add_label_map(sample, read_label_png(path), classes_, Task::semantic, templates_, path, spoken_);
    return sample;
  }

  std::map<std::string, PublishedCount> published() const override { return published_; }

 private:
  struct Item {
    CocoSplit split;
    std::string name;
  };

  std::string root_;
  TextTemplates templates_;
  std::map<std::string, PublishedCount> published_;
  ClassList classes_ = coco_stuff_classes();
  std::vector<std::string> spoken_ = spoken_stuff_names(classes_);
  std::vector<Item> items_;
};

}  // namespace

SourceKind coco_stuff_source() {
  return {.name = "coco_stuff",
          .summary = "COCO-Stuff, 171 classes: stuffthingmaps/train2017, train2017",
          .extras = coco_extras({}),
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<CocoStuff>(options);
          }};
}

}  // namespace uls
