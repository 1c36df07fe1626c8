// SPDX-License-Identifier: Apache-2.0
// DAVIS 2016: JPEGImages/480p/SEQUENCE/00000.jpg, Annotations/480p/SEQUENCE/00000.png, lists in
// ImageSets/480p. It has no sentences: the sequence's name is the text, and each target says so; or the
// object is asked for as the salient one, which it is.
#include <algorithm>
#include <set>
#include <sstream>

#include "core/base/error.h"
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"

namespace uls {
namespace {

class Davis : public Source {
 public:
  explicit Davis(const SourceOptions& options)
      : root_(absolute_path(options.root)),
        resolution_(extra_option(options, "resolution", "480p")),
        task_(parse_task(extra_choice(options, "task", {"video", "salient"}))),
        templates_(options.templates) {
    images_ = find_folder(root_, {"JPEGImages/" + resolution_});
    masks_ = find_folder(root_, {"Annotations/" + resolution_});
    std::map<std::string, std::set<std::string>> lists;  // sequences of each split
    for (const char* split : {"train", "val"}) {
      const std::string list = joined_path(root_, fmt::format("ImageSets/{}/{}.txt", resolution_, split));
      if (is_file(list)) lists[split] = sequences_in(list);
    }
    const std::vector<std::string> folders = list_folders(images_);
    if (lists.empty()) lists["all"] = {folders.begin(), folders.end()};
    std::vector<std::string> splits;
    for (const auto& [split, sequences] : lists) splits.push_back(split);
    for (const std::string& split : chosen_splits(options, "davis", splits))
      for (const std::string& sequence : lists[split]) {
        const auto frames = list_files(joined_path(images_, sequence), ".jpg");
        for (std::size_t i = 0; i < frames.size(); ++i)
          items_.push_back({split, sequence, frames[i], std::int64_t(i)});
      }
  }

  Manifest manifest() const override {
    return {.name = "DAVIS 2016",
            .source = "davis",
            .licence = "CC BY 4.0 where owned by its authors",
            .images = images_};
  }
  std::int64_t size() const override { return std::int64_t(items_.size()); }

  Sample sample(std::int64_t index) const override {
    const auto& [split, sequence, name, frame] = items_[std::size_t(index)];
    Sample sample = image_sample(images_, sequence + "/" + stem(name), sequence + "/" + name, split);
    sample.video = sequence;
    sample.frame = frame;
    const std::string path = joined_path(masks_, sequence + "/" + stem(name) + ".png");
    const LabelMap map = read_label_png(path);
    check_same_size(sample, map.height, map.width, path);
    Target target{.id = fmt::format("{}/{}", sample.id, to_string(task_)), .task = task_};
    if (task_ == Task::salient) {
      target.texts = templates_.salient;
      target.granularity = Granularity::coarse;
    } else {
      target.texts = {sequence};
      target.source = Json::object({{"text", "sequence name"}});
    }
    const std::vector<std::uint32_t> values(map.labels.begin(), map.labels.end());
    for (auto& [value, mask] : masks_by_value(values, map.height, map.width)) {
      if (value == 0) continue;
      target.regions.push_back(std::int32_t(sample.regions.size()));
      sample.regions.push_back(
          {.mask = std::move(mask), .source = Json::object({{"value", std::int64_t(value)}})});
    }
    sample.targets.push_back(std::move(target));
    return sample;
  }

 private:
  struct Item {
    std::string split, sequence, name;
    std::int64_t frame;
  };

  // Lines "/JPEGImages/480p/bear/00000.jpg /Annotations/480p/bear/00000.png"; or, of 2017, "bear".
  std::set<std::string> sequences_in(const std::string& list) const {
    std::set<std::string> sequences;
    for (const std::string& line : read_lines(list)) {
      std::vector<std::string> parts;
      std::istringstream words(line.substr(0, line.find(' ')));
      for (std::string part; std::getline(words, part, '/');)
        if (!part.empty()) parts.push_back(part);
      ULS_CHECK(!parts.empty(), "{}: wrong line; got '{}'; expected a frame or a sequence", list, line);
      sequences.insert(parts.size() == 1 ? parts[0] : parts[parts.size() - 2]);
    }
    return sequences;
  }

  std::string root_, resolution_;
  Task task_;
  TextTemplates templates_;
  std::string images_, masks_;
  std::vector<Item> items_;
};

}  // namespace

SourceKind davis_source() {
  return {.name = "davis",
          .summary = "DAVIS 2016 clips; the sequence's name is the only text",
          .extras = {{"resolution", "folder below JPEGImages and Annotations (480p)"},
                     {"task", "video (default), or salient: its sentence instead of the name"}},
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<Davis>(options);
          }};
}

}  // namespace uls
