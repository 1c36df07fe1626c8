// SPDX-License-Identifier: Apache-2.0
#include "data/convert/label_regions.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "data/convert/source_files.h"

namespace uls {
namespace {

// Runs of one value, as they are found from the first pixel on.
struct Runs {
  std::vector<std::uint32_t> counts{};
  std::int64_t end = 0;

  void add(std::int64_t first, std::int64_t last) {
    counts.push_back(std::uint32_t(first - end));
    counts.push_back(std::uint32_t(last - first));
    end = last;
  }
};

}  // namespace

std::map<std::uint32_t, Rle> masks_by_value(std::span<const std::uint32_t> values, std::int64_t height,
                                            std::int64_t width) {
  const std::int64_t size = height * width;
  ULS_ASSERT(std::int64_t(values.size()) == size && size > 0, "map of {} values", values.size());
  std::unordered_map<std::uint32_t, Runs> runs;
  std::uint32_t current = values[0];
  std::int64_t first = 0, at = 0;
  for (std::int64_t x = 0; x < width; ++x)
    for (std::int64_t y = 0; y < height; ++y, ++at) {
      const std::uint32_t value = values[std::size_t(y * width + x)];
      if (value == current) continue;
      runs[current].add(first, at);
      current = value;
      first = at;
    }
  runs[current].add(first, size);
  std::map<std::uint32_t, Rle> masks;
  for (auto& [value, found] : runs) {
    if (found.end < size) found.counts.push_back(std::uint32_t(size - found.end));
    masks[value] = {.height = height, .width = width, .counts = std::move(found.counts)};
  }
  return masks;
}

Sample image_sample(const std::string& root, std::string id, std::string image, std::string split) {
  const ImageSize size = read_image_size(joined_path(root, image));
  return {.id = std::move(id),
          .image = std::move(image),
          .height = size.height,
          .width = size.width,
          .split = std::move(split)};
}

void check_same_size(const Sample& sample, std::int64_t height, std::int64_t width,
                     const std::string& where) {
  if (height != sample.height || width != sample.width)
    throw DataError(fmt::format("{}: mask of another size; got {} x {}; expected {} x {} of image {}", where,
                                width, height, sample.width, sample.height, sample.image));
}

std::int32_t class_of_value(const ClassList& classes, std::int64_t value, const std::string& where) {
  if (value == classes.ignore || value == classes.background) return -1;
  const auto found = std::ranges::find(classes.values, value);
  if (found == classes.values.end())
    throw DataError(fmt::format(
        "{}: a value that is no class; got {}; expected one of {} classes, {} for ignored pixels{}", where,
        value, classes.values.size(), classes.ignore,
        classes.background < 0 ? "" : fmt::format(" or {} for background", classes.background)));
  return std::int32_t(found - classes.values.begin());
}

const std::vector<std::string>& templates_of(const TextTemplates& templates, Task task) {
  switch (task) {
    case Task::semantic:
      return templates.semantic;
    case Task::part:
      return templates.part;
    case Task::salient:
      return templates.salient;
    case Task::open_vocabulary:
      return templates.open_vocabulary;
    default:
      fail("templates: no sentence of a class for task {}", to_string(task));
  }
}

void add_class_targets(Sample& sample, std::span<const std::int32_t> classes_of, const ClassList& classes,
                       Task task, const TextTemplates& templates, const std::vector<std::string>& spoken) {
  std::map<std::int32_t, std::vector<std::int32_t>> regions;
  for (std::size_t i = 0; i < classes_of.size(); ++i)
    if (classes_of[i] >= 0) regions[classes_of[i]].push_back(std::int32_t(i));
  const auto& names = spoken.empty() ? classes.names : spoken;
  for (auto& [index, members] : regions) {
    const std::int32_t value = classes.values[std::size_t(index)];
    sample.targets.push_back(
        {.id = fmt::format("{}/{}/{}", sample.id, to_string(task), value),
         .texts = fill_templates(templates_of(templates, task), names[std::size_t(index)]),
         .regions = std::move(members),
         .task = task,
         .granularity = Granularity::coarse,
         .category = index});
  }
}

void add_instance_targets(Sample& sample, std::span<const std::int32_t> classes_of, const ClassList& classes,
                          Task task, const TextTemplates& templates, const std::vector<std::string>& spoken) {
  const std::size_t first = sample.targets.size();
  add_class_targets(sample, classes_of, classes, task, templates, spoken);
  for (std::size_t i = first; i < sample.targets.size(); ++i) {
    Target& target = sample.targets[i];
    const auto index = std::size_t(std::exchange(target.category, -1));
    target.source = Json::object({{"class", classes.values[index]}, {"name", classes.names[index]}});
  }
}

void add_label_map(Sample& sample, const LabelMap& map, const ClassList& classes, Task task,
                   const TextTemplates& templates, const std::string& where,
                   const std::vector<std::string>& spoken) {
  check_same_size(sample, map.height, map.width, where);
  const std::vector<std::uint32_t> values(map.labels.begin(), map.labels.end());
  std::vector<std::int32_t> classes_of;
  for (auto& [value, mask] : masks_by_value(values, map.height, map.width)) {
    const std::int32_t index = class_of_value(classes, value, where);
    if (std::int64_t(value) == classes.ignore) sample.ignore = mask;
    if (index < 0) continue;
    sample.regions.push_back(
        {.mask = std::move(mask), .source = Json::object({{"value", std::int64_t(value)}})});
    classes_of.push_back(index);
  }
  add_class_targets(sample, classes_of, classes, task, templates, spoken);
}

}  // namespace uls
