// SPDX-License-Identifier: Apache-2.0
// Any folder of pictures beside one of masks with the same stems: saliency sets above all.
#include "core/base/error.h"
#include "core/config/text_value.h"
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"

namespace uls {
namespace {

class Folders : public Source {
 public:
  explicit Folders(const SourceOptions& options)
      : root_(absolute_path(options.root)),
        split_(options.split.empty() ? "all" : options.split),
        name_(stem(root_)),
        text_(extra_option(options, "text", "")),
        task_(text_.empty() ? Task::salient : parse_task(extra_option(options, "task", "semantic"))),
        templates_(options.templates) {
    // VST, MINet, DUTS ("DUTS-TR/DUTS-TR-Image"), VOC.
    images_ = find_folder(root_, named(options, "images", {"images", "Image", "Imgs", name_ + "-Image"}));
    masks_ = find_folder(root_, named(options, "masks", {"masks", "GT", "Mask", name_ + "-Mask"}));
    const std::string threshold = extra_option(options, "threshold", "128");
    const auto number =
        threshold == "nonzero" ? std::optional<std::int64_t>(0) : parse_whole_number(threshold);
    ULS_CHECK(number && *number >= 0 && *number < 65535,
              "folders: threshold: got '{}'; expected nonzero or a number from 0", threshold);
    threshold_ = *number;
    names_ = list_files(masks_, ".png");
  }

  Manifest manifest() const override {
    return {.name = name_, .source = fmt::format("folders, above {}", threshold_), .images = images_};
  }
  std::int64_t size() const override { return std::int64_t(names_.size()); }

  Sample sample(std::int64_t index) const override {
    const std::string& name = names_[std::size_t(index)];
    Sample sample = image_sample(images_, stem(name),
                                 find_with_ending(images_, stem(name), {".jpg", ".png", ".jpeg"}), split_);
    const std::string path = joined_path(masks_, name);
    const LabelMap map = read_label_png(path);
    check_same_size(sample, map.height, map.width, path);
    std::vector<std::uint8_t> mask(map.labels.size());
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = map.labels[i] > threshold_;
    Target target{.id = fmt::format("{}/{}", sample.id, to_string(task_)),
                  .texts = text_.empty() ? templates_.salient : std::vector<std::string>{text_},
                  .task = task_,
                  .granularity = Granularity::coarse};
    sample.regions.push_back({.mask = encode_mask(mask, map.height, map.width)});
    if (area(sample.regions[0].mask) > 0)
      target.regions = {0};
    else
      sample.regions.clear();
    sample.targets.push_back(std::move(target));
    return sample;
  }

 private:
  static std::vector<std::string> named(const SourceOptions& options, const std::string& extra,
                                        std::vector<std::string> usual) {
    const std::string name = extra_option(options, extra, "");
    return name.empty() ? usual : std::vector<std::string>{name};
  }

  std::string root_, split_, name_, text_;
  Task task_;
  TextTemplates templates_;
  std::string images_, masks_;
  std::int64_t threshold_ = 128;
  std::vector<std::string> names_;
};

}  // namespace

SourceKind folders_source() {
  return {.name = "folders",
          .summary = "pictures and grey masks of the same names, for saliency; --split names the whole",
          .extras = {{"images", "folder of the pictures (images, Image, Imgs or NAME-Image)"},
                     {"masks", "folder of the masks (masks, GT, Mask or NAME-Mask)"},
                     {"threshold", "foreground is above this value (128), or nonzero"},
                     {"text", "the sentence of all, instead of the salient object's"},
                     {"task", "with text: its task (semantic)"}},
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<Folders>(options);
          }};
}

}  // namespace uls
