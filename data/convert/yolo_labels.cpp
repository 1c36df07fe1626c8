// SPDX-License-Identifier: Apache-2.0
#include "data/convert/yolo_labels.h"

#include <sstream>

#include "core/config/text_value.h"
#include "core/io/at_place.h"
#include "data/convert/coco_file.h"
#include "data/convert/source_files.h"

namespace uls {
namespace {

YoloInstance instance_of(const std::string& line, std::int64_t height, std::int64_t width) {
  std::istringstream words(line);
  std::string word;
  words >> word;
  const auto label = parse_whole_number(word);
  ULS_CHECK(label && *label >= 0, "wrong class; got '{}'; expected a whole number", word);
  std::vector<double> xy;
  while (words >> word) {
    const auto number = parse_number(word);
    ULS_CHECK(number && *number >= 0 && *number <= 1, "wrong coordinate; got '{}'; expected 0 to 1", word);
    xy.push_back(*number * double(xy.size() % 2 ? height : width));
  }
  ULS_CHECK(xy.size() >= 6 && xy.size() % 2 == 0,
            "wrong polygon; got {} coordinates; expected an even count of at least 6", xy.size());
  return {.label = *label, .mask = traced_polygon(std::move(xy), height, width)};
}

}  // namespace

std::vector<YoloInstance> yolo_instances(const std::string& path, std::int64_t height, std::int64_t width) {
  std::vector<YoloInstance> instances;
  if (!is_file(path)) return instances;
  const std::vector<std::string> lines = read_lines(path);
  for (std::size_t i = 0; i < lines.size(); ++i)
    instances.push_back(
        at_place(fmt::format("{}: label {}", path, i), [&] { return instance_of(lines[i], height, width); }));
  return instances;
}

}  // namespace uls
