// SPDX-License-Identifier: Apache-2.0
// Clothing Co-Parsing: photos/N.jpg, annotations/pixel-level/N.mat with `groundtruth`, names in
// label_list.mat.
#include "data/convert/label_regions.h"
#include "data/convert/matlab.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"

namespace uls {
namespace {

class ClothingCoParsing : public Source {
 public:
  explicit ClothingCoParsing(const SourceOptions& options)
      : root_(absolute_path(options.root)),
        templates_(options.templates),
        task_(parse_task(extra_choice(options, "task", {"part", "semantic", "open_vocabulary", "salient"}))),
        names_(list_files(find_folder(root_, {"annotations/pixel-level"}), ".mat")) {
    chosen_splits(options, "ccp", {"all"});
    const MatlabValue list = read_matlab(joined_path(root_, "label_list.mat"), "label_list");
    // Number 0, "null", is the background.
    for (std::int64_t i = 1; i < list.size(); ++i) {
      classes_.names.push_back(list.item(i).as_text());
      classes_.values.push_back(std::int32_t(i));
    }
  }

  Manifest manifest() const override {
    return {.name = "Clothing Co-Parsing",
            .source = "ccp",
            .licence = "Apache-2.0; photos: research",
            .images = root_,
            .class_lists =
                task_ == Task::salient ? std::map<Task, ClassList>() : std::map{std::pair{task_, classes_}}};
  }
  std::int64_t size() const override { return std::int64_t(names_.size()); }

  Sample sample(std::int64_t index) const override {
    const std::string& name = names_[std::size_t(index)];
    Sample sample = image_sample(root_, stem(name), "photos/" + stem(name) + ".jpg", "all");
    const std::string labels = joined_path(root_, "annotations/pixel-level/" + name);
    const LabelMap map = read_matlab(labels, "groundtruth").as_label_map();
    add_label_map(sample, map, classes_, task_, templates_, labels);
    if (task_ == Task::salient) join_targets(sample);
    return sample;
  }

  std::map<std::string, PublishedCount> published() const override { return {{"all", {1004}}}; }

 private:
  // Of the targets of all classes one: the person, with clothes and all.
  void join_targets(Sample& sample) const {
    Target whole{.id = sample.id + "/salient",
                 .texts = templates_.salient,
                 .task = task_,
                 .granularity = Granularity::coarse};
    for (std::size_t r = 0; r < sample.regions.size(); ++r) whole.regions.push_back(std::int32_t(r));
    sample.targets = {std::move(whole)};
  }

  std::string root_;
  TextTemplates templates_;
  Task task_;
  std::vector<std::string> names_;
  ClassList classes_{.background = 0};
};

}  // namespace

SourceKind ccp_source() {
  return {.name = "ccp",
          .summary = "Clothing Co-Parsing: 58 kinds of clothes and body parts (.mat)",
          .extras = {{"task", "part (default), semantic, open_vocabulary; or salient: the whole person"}},
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<ClothingCoParsing>(options);
          }};
}

}  // namespace uls
