// SPDX-License-Identifier: Apache-2.0
// Google RefExp's sentences from its tables (image_url_o_0 "coco_546154.jpg", image_url_mask_0
// "coco_546154_ann_298801_masked.jpg", descrip_type_0_0, descrip_0_0 ...), joined by annotation with COCO's
// instances; or, on a few pictures, with lines of YOLO's labels.
#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>

#include "core/base/log.h"
#include "core/config/text_value.h"
#include "core/io/at_place.h"
#include "core/io/foreign_text.h"
#include "data/convert/coco_file.h"
#include "data/convert/csv_file.h"
#include "data/convert/label_regions.h"
#include "data/convert/source_files.h"
#include "data/convert/sources.h"
#include "data/convert/yolo_labels.h"

namespace uls {
namespace {

struct Expression {
  std::int64_t image, annotation;
  std::string text;
};

// The number between `before` and `after` in a text such as ".../coco_546154_ann_298801_masked.jpg".
std::int64_t number_in(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t first = text.rfind(before) + before.size(), last = text.find(after, first);
  const auto number = text.find(before) == std::string::npos || last == std::string::npos
                          ? std::nullopt
                          : parse_whole_number(text.substr(first, last - first));
  ULS_CHECK(number, "wrong name; got {}; expected {}NUMBER{}", shown(text), before, after);
  return *number;
}

// The sentences that people wrote (type GT), in the order of the table.
std::vector<Expression> read_expressions(const std::string& path) {
  const CsvFile table = read_csv(path);
  std::vector<Expression> expressions;
  for (std::size_t r = 0; r < table.rows.size(); ++r)
    at_place(fmt::format("{}: line {}", path, table.lines[r]), [&] {
      const auto cell = [&](const std::string& column) { return table.rows[r][table.column(column)]; };
      for (int k = 0; k == 0 || table.has_column(fmt::format("image_url_o_{}", k)); ++k)
        for (int form = 0; form < 2; ++form) {
          if (cell(fmt::format("descrip_type_{}_{}", k, form)) != "GT") continue;
          const std::int64_t image = number_in(cell(fmt::format("image_url_o_{}", k)), "coco_", ".jpg");
          const std::int64_t annotation =
              number_in(cell(fmt::format("image_url_mask_{}", k)), "_ann_", "_masked");
          expressions.push_back({image, annotation, cell(fmt::format("descrip_{}_{}", k, form))});
          ULS_CHECK(!expressions.back().text.empty(), "an empty sentence of annotation {}", annotation);
        }
    });
  return expressions;
}

class RefExp : public Source {
 public:
  explicit RefExp(const SourceOptions& options) {
    chosen_splits(options, "refexp", {"val"});
    const std::string root = absolute_path(options.root), yolo = extra_option(options, "coco128", "");
    const std::string table =
        joined_path(root, extra_option(options, "csv", "evaluation/AMT_csv/sample_generation_val1000.csv"));
    ULS_CHECK(yolo.empty() != options.extra.contains("match"), "refexp: coco128 and match come together");
    if (yolo.empty()) {
      const std::string instances = extra_option(options, "instances", "");
      ULS_CHECK(!instances.empty(),
                "refexp: instances=FILE is missing; expected COCO's instances_train2014.json, "
                "or coco128=DIR match=...");
      images_ = find_folder(root, {absolute_path(extra_option(options, "images", "train2014"))});
      coco_ = std::make_unique<CocoFile>(absolute_path(instances));
    } else {
      images_ = find_folder(absolute_path(yolo), {"images/train2017"});
      labels_ = find_folder(absolute_path(yolo), {"labels/train2017"});
      read_matches(options.extra.at("match"));
    }
    group(read_expressions(table), table, extra_flag(options, "subset"));
  }

  Manifest manifest() const override {
    return {.name = "Google RefExp",
            .source = coco_ ? "refexp" : "refexp on coco128",
            .licence = "CC BY 4.0; images: Flickr terms",
            .images = images_};
  }
  std::int64_t size() const override { return std::int64_t(groups_.size()); }

  Sample sample(std::int64_t index) const override {
    const Group& group = groups_[std::size_t(index)];
    const std::string name = coco_ ? coco_->images()[std::size_t(coco_->image_number(group.image))].name
                                   : fmt::format("{:012}.jpg", group.image);
    Sample sample = image_sample(images_, fmt::format("val/{}", group.image), name, "val");
    sample.source = Json::object({{"image_id", group.image}});
    for (const auto& [annotation, texts] : group.targets) {
      sample.targets.push_back({.id = fmt::format("val/{}/{}", group.image, annotation),
                                .texts = texts,
                                .regions = {std::int32_t(sample.regions.size())},
                                .source = Json::object({{"ann_id", annotation}})});
      sample.regions.push_back(coco_ ? coco_region(sample, group.image, annotation)
                                     : yolo_region(sample, annotation));
    }
    return sample;
  }

 private:
  struct Group {
    std::int64_t image;
    std::vector<std::pair<std::int64_t, std::vector<std::string>>> targets;  // annotation, texts
  };

  // "598548:0,487048:2": annotation and line of its picture's labels.
  void read_matches(const std::string& text) {
    std::istringstream pairs(text);
    for (std::string pair; std::getline(pairs, pair, ',');) {
      const std::size_t colon = std::min(pair.find(':'), pair.size());
      const auto annotation = parse_whole_number(pair.substr(0, colon));
      const auto line = parse_whole_number(colon < pair.size() ? pair.substr(colon + 1) : "");
      ULS_CHECK(annotation && line && *line >= 0, "refexp: match: got '{}'; expected ANNOTATION:LINE", pair);
      matches_[*annotation] = *line;
    }
  }

  // Sentences of one annotation are one target's, targets of one picture one sample's.
  void group(const std::vector<Expression>& expressions, const std::string& table, bool subset) {
    std::unordered_map<std::int64_t, std::size_t> places;
    std::int64_t left_out = 0;
    for (const Expression& one : expressions) {
      const bool there = coco_ ? coco_->has_annotation(one.annotation) : matches_.contains(one.annotation);
      if (!there && coco_ && !subset)
        throw DataError(fmt::format("{}: annotation {} of image {} is not in {}; subset=true leaves such out",
                                    table, one.annotation, one.image, coco_->path()));
      if (!there) {
        ++left_out;
        continue;
      }
      const auto [place, is_new] = places.emplace(one.image, groups_.size());
      if (is_new) groups_.push_back({one.image, {}});
      auto& targets = groups_[place->second].targets;
      auto found =
          std::ranges::find(targets, one.annotation, [](const auto& target) { return target.first; });
      if (found == targets.end()) found = targets.insert(targets.end(), {one.annotation, {}});
      found->second.push_back(one.text);
    }
    if (left_out)
      log_warning("{}: {} of {} sentences left out: their annotations are not here", table, left_out,
                  expressions.size());
    ULS_CHECK(!groups_.empty(), "{}: none of its annotations is here", table);
  }

  Region coco_region(const Sample& sample, std::int64_t image, std::int64_t annotation) const {
    const std::int64_t number = coco_->annotation_number(annotation);
    const CocoFile::ImageRow& row =
        coco_->images()[std::size_t(coco_->annotations()[std::size_t(number)].image)];
    ULS_CHECK(row.id == image, "{}: annotation {} lies on another image; got {}; expected {}", coco_->path(),
              annotation, row.id, image);
    check_same_size(sample, row.height, row.width, fmt::format("{}: image {}", coco_->path(), row.id));
    return coco_->region(number);
  }

  Region yolo_region(const Sample& sample, std::int64_t annotation) const {
    const std::string path = joined_path(labels_, stem(sample.image) + ".txt");
    std::vector<YoloInstance> instances = yolo_instances(path, sample.height, sample.width);
    const std::int64_t line = matches_.at(annotation);
    if (line >= std::int64_t(instances.size()))
      throw DataError(fmt::format("{}: no label {}; got {} labels", path, line, instances.size()));
    return {.mask = std::move(instances[std::size_t(line)].mask),
            .source = Json::object({{"ann_id", annotation}, {"line", line}})};
  }

  std::string images_, labels_;
  std::unique_ptr<CocoFile> coco_;
  std::map<std::int64_t, std::int64_t> matches_;
  std::vector<Group> groups_;
};

}  // namespace

SourceKind refexp_source() {
  return {.name = "refexp",
          .summary = "Google RefExp's tables of sentences, joined with COCO's instances",
          .extras = {{"csv", "the table, from the root (evaluation/AMT_csv/sample_generation_val1000.csv)"},
                     {"instances", "COCO's instances_train2014.json"},
                     {"images", "with instances: folder of the pictures (train2014)"},
                     {"subset", "true: sentences whose annotation is missing are left out"},
                     {"coco128", "instead: a set in YOLO's layout"},
                     {"match", "with coco128: ANNOTATION:LINE,... which label line is which annotation"}},
          .open = [](const SourceOptions& options) -> std::unique_ptr<Source> {
            return std::make_unique<RefExp>(options);
          }};
}

}  // namespace uls
