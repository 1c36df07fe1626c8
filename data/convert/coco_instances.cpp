// SPDX-License-Identifier: Apache-2.0
// COCO's instances: each a region, and for each category in a picture the union of its regions (crowds too).
// Instances overlap, so there is no label map.
#include "core/base/error.h"
#include "data/convert/coco_file.h"
#include "data/convert/coco_folders.h"
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"

namespace uls {
namespace {

class CocoInstances : public Source {
 public:
  explicit CocoInstances(const SourceOptions& options)
      : root_(absolute_path(options.root)),
        templates_(options.templates),
        task_(parse_task(extra_choice(options, "task", {"semantic", "open_vocabulary"}))),
        published_(coco_published(options)) {
    for (const CocoSplit& split : coco_splits(options, "coco_instances", "annotations/instances_{}.json")) {
      files_.push_back({split, std::make_unique<CocoFile>(split.annotations), size_});
      size_ += std::int64_t(files_.back().coco->images().size());
    }
  }

  Manifest manifest() const override {
    return {.name = "COCO instances",
            .source = "coco_instances",
            .licence = "annotations CC BY 4.0; images: Flickr terms",
            .images = root_};
  }
  std::int64_t size() const override { return size_; }

  Sample sample(std::int64_t index) const override {
    std::size_t number = files_.size() - 1;
    while (files_[number].first > index) --number;
    const CocoFile& coco = *files_[number].coco;
    const CocoSplit& split = files_[number].split;
    const CocoFile::ImageRow& image = coco.images()[std::size_t(index - files_[number].first)];
    Sample sample = image_sample(root_, fmt::format("{}/{}", split.name, image.id),
                                 split.images + "/" + image.name, split.name);
    check_same_size(sample, image.height, image.width, fmt::format("{}: image {}", coco.path(), image.id));
    sample.source = Json::object({{"image_id", image.id}});
    std::vector<std::int32_t> classes_of;
    for (const std::int64_t annotation : image.annotations) {
      sample.regions.push_back(coco.region(annotation));
      classes_of.push_back(class_of_value(coco.categories(),
                                          coco.annotations()[std::size_t(annotation)].category,
                                          fmt::format("{}: annotations[{}]", coco.path(), annotation)));
    }
    add_instance_targets(sample, classes_of, coco.categories(), task_, templates_);
    return sample;
  }

  std::map<std::string, PublishedCount> published() const override { return published_; }

 private:
  struct File {
    CocoSplit split;
    std::unique_ptr<CocoFile> coco;
    std::int64_t first;  // sample
  };

  std::string root_;
  TextTemplates templates_;
  Task task_;
  std::map<std::string, PublishedCount> published_;
  std::int64_t size_ = 0;
  std::vector<File> files_;
};

}  // namespace

SourceKind coco_instances_source() {
  return {.name = "coco_instances",
          .summary = "COCO: annotations/instances_train2017.json, train2017",
          .extras = coco_extras({{"task", "semantic (default) or open_vocabulary"}}),
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<CocoInstances>(options);
          }};
}

}  // namespace uls
