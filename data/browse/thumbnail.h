// SPDX-License-Identifier: Apache-2.0
// Pictures as pages show them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "data/format/image.h"

namespace uls {

/// The size of a page's picture and the stretch of the image behind each of its pixels.
struct Thumbnail {
  std::int64_t height, width;
  double scale;

  Thumbnail(std::int64_t from_height, std::int64_t from_width);
  std::int64_t edge(std::int64_t at, std::int64_t limit) const {
    return std::min(limit, std::int64_t(double(at) * scale));
  }
};

/// The image as a data URL of its thumbnail's size, each pixel the mean of those that fall together: PNG of a
/// small image, which stays exact, else JPEG.
std::string thumbnail_url(const Image& image);

}  // namespace uls
