// SPDX-License-Identifier: Apache-2.0
// COCO panoptic: annotations/panoptic_train2017.json, whose segments are the colours R + 256 G + 65536 B of
// annotations/panoptic_train2017/ID.png; 0 is unlabelled.
#include <unordered_map>

#include "core/base/error.h"
#include "data/convert/coco_file.h"
#include "data/convert/coco_folders.h"
#include "data/convert/coco_names.h"
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"
#include "data/format/data_error.h"

namespace uls {
namespace {

class CocoPanoptic : public Source {
 public:
  explicit CocoPanoptic(const SourceOptions& options)
      : root_(absolute_path(options.root)),
        templates_(options.templates),
        published_(coco_published(options)) {
    for (const CocoSplit& split : coco_splits(options, "coco_panoptic", "annotations/panoptic_{}.json")) {
      const std::string stem = split.annotations.substr(0, split.annotations.size() - 5);
      const std::string maps = find_folder(root_, {stem, joined_path(root_, uls::stem(stem))});
      files_.push_back({split, maps, std::make_unique<CocoFile>(split.annotations, false), size_});
      size_ += files_.back().coco->elements().size("annotations");
      const ClassList& classes = files_.back().coco->categories();
      ULS_CHECK(classes.names == files_[0].coco->categories().names, "{}: other categories than in {}",
                split.annotations, files_[0].split.annotations);
    }
    classes_ = files_[0].coco->categories();
    classes_.ignore = 0;
    spoken_ = spoken_stuff_names(classes_);
  }

  Manifest manifest() const override {
    return {.name = "COCO panoptic",
            .source = "coco_panoptic",
            .licence = "annotations CC BY 4.0; images: Flickr terms",
            .images = root_,
            .class_lists = {{Task::semantic, classes_}}};
  }
  std::int64_t size() const override { return size_; }

  Sample sample(std::int64_t index) const override {
    std::size_t number = files_.size() - 1;
    while (files_[number].first > index) --number;
    const File& file = files_[number];
    return as_data_error([&] {
      const Json annotation = file.coco->elements().element("annotations", index - file.first);
      const std::int64_t id = annotation.at("image_id").as_int64();
      const CocoFile::ImageRow& image = file.coco->images()[std::size_t(file.coco->image_number(id))];
      Sample sample = image_sample(root_, fmt::format("{}/{}", file.split.name, id),
                                   file.split.images + "/" + image.name, file.split.name);
      sample.source = Json::object({{"image_id", id}});
      add_segments(sample, annotation, joined_path(file.maps, annotation.at("file_name").as_string()));
      return sample;
    });
  }

  std::map<std::string, PublishedCount> published() const override { return published_; }

 private:
  struct File {
    CocoSplit split;
    std::string maps;
    std::unique_ptr<CocoFile> coco;
    std::int64_t first;  // sample
  };

  void add_segments(Sample& sample, const Json& annotation, const std::string& path) const {
    const Image map = read_image(path);
    check_same_size(sample, map.height, map.width, path);
    std::vector<std::uint32_t> segments(std::size_t(map.height * map.width));
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const std::uint8_t* const rgb = map.pixels.data() + 3 * i;
      segments[i] = rgb[0] | std::uint32_t(rgb[1]) << 8 | std::uint32_t(rgb[2]) << 16;
    }
    std::unordered_map<std::int64_t, const Json*> known;
    for (const Json& segment : annotation.at("segments_info").items())
      known[segment.at("id").as_int64()] = &segment;
    std::vector<std::int32_t> classes_of;
    for (auto& [id, mask] : masks_by_value(segments, map.height, map.width)) {
      if (id == 0) {
        sample.ignore = std::move(mask);
        continue;
      }
      const auto found = known.find(id);
      ULS_CHECK(found != known.end(), "{}: segment {} is not in {}", path, id, annotation.where());
      const std::int64_t category = found->second->at("category_id").as_int64();
      classes_of.push_back(class_of_value(classes_, category, annotation.where()));
      sample.regions.push_back(
          {.mask = std::move(mask),
           .source = Json::object({{"id", std::int64_t(id)},
                                   {"category_id", category},
                                   {"iscrowd", found->second->at("iscrowd").as_int64()}})});
      known.erase(found);
    }
    ULS_CHECK(known.empty(), "{}: segment {} of {} has no pixel", path, known.begin()->first,
              annotation.where());
    add_class_targets(sample, classes_of, classes_, Task::semantic, templates_, spoken_);
  }

  std::string root_;
  TextTemplates templates_;
  std::map<std::string, PublishedCount> published_;
  ClassList classes_;
  std::vector<std::string> spoken_;
  std::int64_t size_ = 0;
  std::vector<File> files_;
};

}  // namespace

SourceKind coco_panoptic_source() {
  return {.name = "coco_panoptic",
          .summary = "COCO panoptic: annotations/panoptic_train2017.json and its PNGs, train2017",
          .extras = coco_extras({}),
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<CocoPanoptic>(options);
          }};
}

}  // namespace uls
