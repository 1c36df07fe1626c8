// SPDX-License-Identifier: Apache-2.0
#include "data/tools/sample_check.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/io/foreign_text.h"
#include "data/tools/region_mask.h"
#include "data/tools/repeats.h"
#include "data/tools/token_count.h"

namespace uls {

// Where a sample's findings go.
struct SampleCheck::Report {
  std::string place;
  std::vector<Finding>& findings;

  void add(const char* kind, std::string text) const { findings.push_back({kind, place, std::move(text)}); }

  // Runs fn(), whose Error is a finding of that kind.
  template <typename Fn>
  bool holds(const char* kind, Fn&& fn) const {
    try {
      fn();
      return true;
    } catch (const Error& error) {
      add(kind, error.what());
      return false;
    }
  }
};

SampleCheck::SampleCheck(const Dataset& dataset, std::int64_t length) : dataset_(dataset), length_(length) {
  for (const auto& [task, list] : dataset.manifest().class_lists) {
    std::vector<bool>& known = labels_[task];
    known.resize(std::size_t(1) << 16);
    std::vector<std::int32_t> values = list.values;
    values.insert(values.end(), {list.ignore, list.background});
    for (const std::int32_t value : values)
      if (value >= 0 && std::size_t(value) < known.size()) known[std::size_t(value)] = true;
  }
}

SampleFacts SampleCheck::operator()(std::int64_t index) const {
  SampleFacts facts;
  Report report{dataset_.place(index), facts.findings};
  Sample sample;
  facts.readable = report.holds("sample", [&] { sample = dataset_.sample(index); });
  if (!facts.readable) return facts;
  facts.split = sample.split;
  facts.id = Repeats::hash(sample.id);
  check_image(sample, report, facts);
  check_masks(sample, report);
  for (const Target& target : sample.targets) {
    facts.target_ids.push_back(Repeats::hash(target.id));
    facts.tasks.push_back(target.task);
    check_texts(target, report);
    check_category(target, report);
  }
  check_labels(sample, report);
  return facts;
}

void SampleCheck::check_image(const Sample& sample, Report& report, SampleFacts& facts) const {
  report.holds("image", [&] {
    const std::string bytes = dataset_.image_bytes(sample);
    facts.image = Repeats::hash(bytes);
    const Image image = decode_image(bytes, sample.image);
    if (image.height != sample.height || image.width != sample.width)
      report.add(
          "image_size",
          fmt::format("{}: the image's size differs from the sample's; got {} x {}; expected "
                      "{} x {} (height x width)",
                      printable(sample.image), image.height, image.width, sample.height, sample.width));
  });
}

void SampleCheck::check_masks(const Sample& sample, Report& report) const {
  std::vector<bool> filled(sample.regions.size());
  for (std::size_t i = 0; i < filled.size(); ++i)
    if (!report.holds("mask", [&] { filled[i] = area(region_mask(dataset_, sample, i)) > 0; }))
      filled[i] = true;  // one fault, one finding
  for (const Target& target : sample.targets)
    if (!target.regions.empty() && std::ranges::none_of(target.regions, [&](std::int32_t region) {
          return filled[std::size_t(region)];
        }))
      report.add(
          "empty_mask",
          fmt::format("target {}: its mask has no pixel; got {} region(s) of area 0; expected none where "
                      "nothing in the image fits",
                      shown(target.id), target.regions.size()));
}

void SampleCheck::check_texts(const Target& target, const Report& report) const {
  for (const std::string& text : target.texts)
    report.holds("long_text", [&] {
      const std::int64_t tokens = token_count(text);
      if (tokens > length_)
        report.add("long_text",
                   fmt::format("target {}: the text {} is cut; got {} tokens; expected at most {}",
                               shown(target.id), shown(text), tokens, length_));
    });
}

void SampleCheck::check_category(const Target& target, const Report& report) const {
  if (target.category < 0) return;
  const auto& lists = dataset_.manifest().class_lists;
  const auto list = lists.find(target.task);
  const std::size_t classes = list == lists.end() ? 0 : list->second.names.size();
  if (std::size_t(target.category) >= classes)
    report.add("category", fmt::format("target {}: the category is not in the class list of task {}; got {}; "
                                       "expected less than {}",
                                       shown(target.id), to_string(target.task), target.category, classes));
}

void SampleCheck::check_labels(const Sample& sample, const Report& report) const {
  for (const auto& [task, known] : labels_) {
    const auto of_task = [task = task](const Target& target) {
      return target.task == task && target.category >= 0;
    };
    if (std::ranges::none_of(sample.targets, of_task)) continue;
    report.holds("label", [&, task = task, &known = known] {
      std::set<std::uint16_t> unknown;
      for (const std::uint16_t label : dataset_.label_map(sample, task).labels)
        if (!known[label]) unknown.insert(label);
      for (const std::uint16_t label : unknown)
        report.add("label",
                   fmt::format("the label map of task {}: a value that no class has; got {}; expected one "
                               "of the class list's",
                               to_string(task), label));
    });
  }
}

}  // namespace uls
