// SPDX-License-Identifier: Apache-2.0
#include "data/browse/thumbnail.h"

#include <array>

#include "data/browse/page_parts.h"

namespace uls {
namespace {

constexpr std::int64_t kLongSide = 360, kSmallImage = 128;  // pixels of a picture on the page
constexpr int kJpegQuality = 82;

// Means of the pixels that fall together.
Image shrink(const Image& image, const Thumbnail& to) {
  Image small{to.height, to.width, 3, std::vector<std::uint8_t>(std::size_t(3 * to.height * to.width))};
  for (std::int64_t i = 0; i < to.height; ++i) {
    const std::int64_t y0 = to.edge(i, image.height - 1), y1 = std::max(y0 + 1, to.edge(i + 1, image.height));
    for (std::int64_t j = 0; j < to.width; ++j) {
      const std::int64_t x0 = to.edge(j, image.width - 1), x1 = std::max(x0 + 1, to.edge(j + 1, image.width));
      std::array<std::int64_t, 3> sum{};
      for (std::int64_t y = y0; y < y1; ++y)
        for (std::int64_t x = x0; x < x1; ++x)
          for (std::size_t c = 0; c < 3; ++c) sum[c] += image.row(y)[3 * x + std::int64_t(c)];
      for (std::size_t c = 0; c < 3; ++c)
        small.row(i)[3 * j + std::int64_t(c)] = std::uint8_t(sum[c] / ((y1 - y0) * (x1 - x0)));
    }
  }
  return small;
}

}  // namespace

Thumbnail::Thumbnail(std::int64_t from_height, std::int64_t from_width) {
  scale = std::max(1.0, double(std::max(from_height, from_width)) / double(kLongSide));
  height = std::max<std::int64_t>(1, std::int64_t(double(from_height) / scale + 0.5));
  width = std::max<std::int64_t>(1, std::int64_t(double(from_width) / scale + 0.5));
}

std::string thumbnail_url(const Image& image) {
  const Image small = shrink(image, {image.height, image.width});
  return std::max(image.height, image.width) <= kSmallImage
             ? data_url("image/png", encode_png(small))
             : data_url("image/jpeg", encode_jpeg(small, kJpegQuality));
}

}  // namespace uls
