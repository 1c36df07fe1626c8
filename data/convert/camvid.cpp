// SPDX-License-Identifier: Apache-2.0
// CamVid as SegNet's tutorial lays it out: SPLIT/X.png beside SPLITannot/X.png, values 0 to 10, 11 ignored.
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"

namespace uls {
namespace {

class CamVid : public Source {
 public:
  explicit CamVid(const SourceOptions& options)
      : root_(absolute_path(options.root)), templates_(options.templates) {
    std::vector<std::string> splits;
    for (const char* split : {"train", "val", "test"})
      if (is_folder(joined_path(root_, split))) splits.push_back(split);
    if (splits.empty()) find_folder(root_, {"train", "val", "test"});
    for (const std::string& split : chosen_splits(options, "camvid", splits)) {
      find_folder(root_, {split + "annot"});
      for (const std::string& name : list_files(joined_path(root_, split), ".png"))
        items_.push_back({split, name});
    }
    for (std::size_t i = 0; i < classes_.names.size(); ++i) classes_.values.push_back(std::int32_t(i));
  }

  Manifest manifest() const override {
    return {.name = "CamVid",
            .source = "camvid",
            .licence = "research, non-commercial (Brostow, Fauqueur, Cipolla)",
            .images = root_,
            .class_lists = {{Task::semantic, classes_}}};
  }
  std::int64_t size() const override { return std::int64_t(items_.size()); }

  Sample sample(std::int64_t index) const override {
    const auto& [split, name] = items_[std::size_t(index)];
    Sample sample = image_sample(root_, split + "/" + stem(name), split + "/" + name, split);
    const std::string labels = joined_path(root_, split + "annot/" + name);
    add_label_map(sample, read_label_png(labels), classes_, Task::semantic, templates_, labels);
    return sample;
  }

  std::map<std::string, PublishedCount> published() const override {
    return {{"train", {367}}, {"val", {101}}, {"test", {233}}};
  }

 private:
  struct Item {
    std::string split, name;
  };
  std::string root_;
  TextTemplates templates_;
  ClassList classes_{.names = {"sky", "building", "pole", "road", "pavement", "tree", "sign symbol", "fence",
                               "car", "pedestrian", "bicyclist"},
                     .ignore = 11};
  std::vector<Item> items_;
};

}  // namespace

SourceKind camvid_source() {
  return {.name = "camvid",
          .summary = "street scenes, 11 classes: train, trainannot, val ... (SegNet's tutorial)",
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<CamVid>(options);
          }};
}

}  // namespace uls
