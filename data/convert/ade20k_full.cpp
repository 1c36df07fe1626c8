// SPDX-License-Identifier: Apache-2.0
// ADE20K 2021 in full: training|validation/**/X.jpg; X_seg.png with class = R / 10 * 256 + G and the object
// in B; X_parts_1.png, X_parts_2.png likewise; X.json with the names.
#include <algorithm>
#include <filesystem>
#include <span>
#include <utility>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/config/text_value.h"
#include "core/io/pickle_text.h"
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"
#include "data/format/data_error.h"

namespace uls {
namespace fs = std::filesystem;
namespace {

// Class and object of each pixel.
struct Encoded {
  std::vector<std::uint32_t> pairs{};  // class << 8 | object
  std::int64_t height = 0, width = 0;
};

constexpr std::int64_t kClasses = 26 * 256;
constexpr std::string_view kObjects = "_seg.png";

class Ade20kFull : public Source {
 public:
  explicit Ade20kFull(const SourceOptions& options)
      : root_(absolute_path(options.root)), templates_(options.templates) {
    const std::string top = find_folder(root_, {"training", "validation", "images/ADE"});
    if (top.ends_with("images/ADE")) root_ = top;
    std::vector<std::string> splits;
    for (const auto& [folder, split] : {std::pair("training", "train"), std::pair("validation", "val")}) {
      if (!is_folder(joined_path(root_, folder))) continue;
      splits.push_back(split);
      find_items(folder, split);
    }
    ULS_CHECK(!items_.empty(), "{}: wrong layout; expected X_seg.png below training or validation", root_);
    read_names();
    const auto chosen = chosen_splits(options, "ade20k_full", splits);
    std::erase_if(items_, [&](const Item& item) { return std::ranges::count(chosen, item.split) == 0; });
  }

  Manifest manifest() const override {
    return {.name = "ADE20K full",
            .source = "ade20k_full",
            .licence = "images: research and education; annotations BSD-3",
            .images = root_,
            .class_lists = {{Task::semantic, classes_}}};
  }
  std::int64_t size() const override { return std::int64_t(items_.size()); }

  Sample sample(std::int64_t index) const override {
    const auto& [split, stem] = items_[std::size_t(index)];
    Sample sample = image_sample(root_, stem, stem + ".jpg", split);
    const Encoded seg = read_encoded(sample, std::string(kObjects));
    std::vector<std::uint8_t> unlabelled(seg.pairs.size());
    for (std::size_t i = 0; i < unlabelled.size(); ++i) unlabelled[i] = seg.pairs[i] >> 8 == 0;
    const Rle ignore = encode_mask(unlabelled, seg.height, seg.width);
    if (area(ignore) > 0) sample.ignore = ignore;
    std::vector<std::int32_t> classes_of;
    for (auto& [pair, mask] : masks_by_value(seg.pairs, seg.height, seg.width)) {
      if (pair == 0) continue;
      classes_of.push_back(
          class_of_value(classes_, pair >> 8, joined_path(root_, stem + std::string(kObjects))));
      sample.regions.push_back({.mask = std::move(mask), .source = source_of(pair, 0)});
    }
    add_class_targets(sample, classes_of, classes_, Task::semantic, templates_, spoken_);
    Encoded above = seg;
    for (std::int64_t level = 1; is_file(parts_path(stem, level)); ++level)
      above = add_parts(sample, above, level);
    return sample;
  }

  std::map<std::string, PublishedCount> published() const override {
    return {{"train", {25574}}, {"val", {2000}}};
  }

 private:
  struct Item {
    std::string split, stem;
  };

  void find_items(const std::string& folder, const std::string& split) {
    const std::size_t first = items_.size();
    for (const auto& entry : fs::recursive_directory_iterator(joined_path(root_, folder))) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(kObjects)) continue;
      const fs::path stem = entry.path().parent_path() / name.substr(0, name.size() - kObjects.size());
      items_.push_back({split, stem.lexically_relative(root_).string()});
    }
    std::ranges::sort(std::span(items_).subspan(first), {}, &Item::stem);
  }

  std::string parts_path(const std::string& stem, std::int64_t level) const {
    return joined_path(root_, fmt::format("{}_parts_{}.png", stem, level));
  }

  static Json source_of(std::uint32_t pair, std::int64_t level) {
    return Json::object(
        {{"class", std::int64_t(pair >> 8)}, {"object", std::int64_t(pair & 0xFF)}, {"level", level}});
  }

  Encoded read_encoded(const Sample& sample, const std::string& ending) const {
    const std::string path = joined_path(root_, sample.id + ending);
    const Image image = read_image(path);
    check_same_size(sample, image.height, image.width, path);
    Encoded encoded{.height = image.height, .width = image.width};
    encoded.pairs.resize(std::size_t(image.height * image.width));
    for (std::size_t i = 0; i < encoded.pairs.size(); ++i) {
      const std::uint8_t* const rgb = image.pixels.data() + 3 * i;
      encoded.pairs[i] = (std::uint32_t(rgb[0] / 10) * 256 + rgb[1]) << 8 | rgb[2];
    }
    return encoded;
  }

  // One level of parts: regions, and a target for each name (and object, where the sentence names it). A
  // part's object is the class that most of its pixels have one level above.
  Encoded add_parts(Sample& sample, const Encoded& above, std::int64_t level) const {
    Encoded parts = read_encoded(sample, fmt::format("_parts_{}.png", level));
    const std::string path = parts_path(sample.id, level);
    std::map<std::uint32_t, std::map<std::uint32_t, std::int64_t>> votes;  // part -> class above -> pixels
    for (std::size_t i = 0; i < parts.pairs.size(); ++i)
      if (parts.pairs[i]) ++votes[parts.pairs[i]][above.pairs[i] >> 8];
    std::map<std::pair<std::int32_t, std::int32_t>, std::vector<std::int32_t>> targets;
    for (auto& [pair, mask] : masks_by_value(parts.pairs, parts.height, parts.width)) {
      if (pair == 0) continue;
      const std::int32_t part = class_of_value(classes_, pair >> 8, path);
      const auto object =
          std::ranges::max_element(votes[pair], {}, [](const auto& vote) { return vote.second; });
      const std::int32_t owner = parts_name_object(templates_) ? std::int32_t(object->first) : 0;
      targets[{owner, part}].push_back(std::int32_t(sample.regions.size()));
      sample.regions.push_back({.mask = std::move(mask), .source = source_of(pair, level)});
    }
    for (auto& [key, regions] : targets) {
      const auto part = std::size_t(key.second);
      sample.targets.push_back(
          {.id = fmt::format("{}/part/{}/{}/{}", sample.id, level, key.first, classes_.values[part]),
           .texts = fill_templates(templates_.part, spoken_[part], spoken_of(key.first)),
           .regions = std::move(regions),
           .task = Task::part,
           .granularity = Granularity::coarse,
           .source = Json::object({{"class", classes_.values[part]}, {"level", level}})});
    }
    return parts;
  }

  std::string spoken_of(std::int32_t value) const {
    const auto found = std::ranges::find(classes_.values, value);
    return found == classes_.values.end() ? "object" : spoken_[std::size_t(found - classes_.values.begin())];
  }

  using Names = std::map<std::int64_t, std::string>;

  // Some files are Latin-1.
  static void read_names_in(const std::string& path, Names& names) {
    const std::string text = read_bytes(path);
    const Json json = Json::parse(is_utf8(text) ? text : latin1_text(text), path);
    for (const Json& object : json.at("annotation").at("object").items()) {
      const std::int64_t value = object.at("name_ndx").as_int64();
      ULS_CHECK(value > 0 && value < kClasses, "{}: wrong name_ndx; got {}; expected 1 to {}", object.where(),
                value, kClasses - 1);
      names.emplace(value, object.at("name").as_string());
    }
  }

  // The names of all classes, from the JSON files: no other file of the set lists them.
  void read_names() {
    const auto merge = [](Names all, Names more) {
      all.merge(more);
      return all;
    };
    const auto read = [&](std::int64_t first, std::int64_t last) {
      Names names;
      for (std::int64_t i = first; i < last; ++i) {
        const std::string path = joined_path(root_, items_[std::size_t(i)].stem + ".json");
        as_data_error([&] { read_names_in(path, names); });
      }
      return names;
    };
    for (const auto& [value, name] : parallel_reduce(0, size(), 8, Names(), read, merge)) {
      classes_.names.push_back(name);
      classes_.values.push_back(std::int32_t(value));
      spoken_.push_back(name.substr(0, name.find(',')));
    }
  }

  std::string root_;
  TextTemplates templates_;
  std::vector<Item> items_;
  ClassList classes_{.ignore = 0};
  std::vector<std::string> spoken_;  // the first of a name's synonyms
};

}  // namespace

SourceKind ade20k_full_source() {
  return {.name = "ade20k_full",
          .summary = "ADE20K 2021 in full: objects, instances, parts of up to three levels",
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<Ade20kFull>(options);
          }};
}

}  // namespace uls
