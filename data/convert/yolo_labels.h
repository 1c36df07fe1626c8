// SPDX-License-Identifier: Apache-2.0
// YOLO's segmentation labels: a line an instance, "class x1 y1 x2 y2 ...", a polygon in parts of the
// picture's width and height.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/format/rle.h"

namespace uls {

struct YoloInstance {
  std::int64_t label = 0;
  Rle mask{};
};

/// The instances of a picture of this size, in the file's order; none where there is no file. Raises
/// DataError naming file and line for anything else, coordinates outside of 0 to 1 included.
std::vector<YoloInstance> yolo_instances(const std::string& path, std::int64_t height, std::int64_t width);

}  // namespace uls
