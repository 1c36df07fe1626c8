// SPDX-License-Identifier: Apache-2.0
#include "data/browse/browse_entry.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "data/browse/page_parts.h"

namespace uls {
namespace {

constexpr std::int64_t kLongSide = 360, kSmallImage = 128;  // pixels of a picture on the page
constexpr int kJpegQuality = 82;

// The size of the page's picture and the stretch of the image behind each of its pixels.
struct Thumbnail {
  std::int64_t height, width;
  double scale;

  Thumbnail(std::int64_t from_height, std::int64_t from_width) {
    scale = std::max(1.0, double(std::max(from_height, from_width)) / double(kLongSide));
    height = std::max<std::int64_t>(1, std::int64_t(double(from_height) / scale + 0.5));
    width = std::max<std::int64_t>(1, std::int64_t(double(from_width) / scale + 0.5));
  }
  std::int64_t edge(std::int64_t at, std::int64_t limit) const {
    return std::min(limit, std::int64_t(double(at) * scale));
  }
};

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

// The middle pixel of each stretch; a mask that all of them miss is shown where any of its pixels is.
std::string shrunk_runs(const std::vector<std::uint8_t>& mask, std::int64_t height, std::int64_t width,
                        const Thumbnail& to) {
  std::vector<std::uint8_t> small(std::size_t(to.height * to.width));
  for (std::int64_t i = 0; i < to.height; ++i)
    for (std::int64_t j = 0; j < to.width; ++j) {
      const auto y = std::min(height - 1, std::int64_t((double(i) + 0.5) * to.scale)),
                 x = std::min(width - 1, std::int64_t((double(j) + 0.5) * to.scale));
      small[std::size_t(i * to.width + j)] = mask[std::size_t(y * width + x)];
    }
  if (std::ranges::count(small, 1) == 0)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        if (mask[std::size_t(y * width + x)]) {
          const auto i = std::min(to.height - 1, std::int64_t(double(y) / to.scale)),
                     j = std::min(to.width - 1, std::int64_t(double(x) / to.scale));
          small[std::size_t(i * to.width + j)] = 1;
        }
  return compressed_counts(encode_mask(small, to.height, to.width));
}

Json target_json(const Target& target, const std::vector<std::uint8_t>& mask, const Image& image,
                 const Thumbnail& thumbnail) {
  Json texts = Json::array();
  for (const std::string& text : target.texts) texts.push_back(text);
  const std::int64_t pixels = std::ranges::count(mask, 1);
  Json json = Json::object({{"id", target.id},
                            {"texts", std::move(texts)},
                            {"task", to_string(target.task)},
                            {"kind", target.kind},
                            {"granularity", to_string(target.granularity)},
                            {"share", double(pixels) / double(mask.size())}});
  if (target.score) json.set("score", *target.score);
  if (pixels > 0) json.set("runs", shrunk_runs(mask, image.height, image.width, thumbnail));
  return json;
}

}  // namespace

Json browse_entry(const BrowseView& view, const Sample& sample) {
  ULS_ASSERT(view.targets.size() == view.masks.size(), "a view of {} has {} masks for {} targets", sample.id,
             view.masks.size(), view.targets.size());
  const Thumbnail thumbnail(view.image.height, view.image.width);
  const Image small = shrink(view.image, thumbnail);
  const bool exact = std::max(view.image.height, view.image.width) <= kSmallImage;
  const std::string url = exact ? data_url("image/png", encode_png(small))
                                : data_url("image/jpeg", encode_jpeg(small, kJpegQuality));
  Json targets = Json::array();
  for (std::size_t t = 0; t < view.targets.size(); ++t)
    targets.push_back(target_json(view.targets[t], view.masks[t], view.image, thumbnail));
  Json json = Json::object({{"id", sample.id},
                            {"split", sample.split},
                            {"size", fmt::format("{} x {}", sample.width, sample.height)},
                            {"width", thumbnail.width},
                            {"height", thumbnail.height},
                            {"image", url},
                            {"targets", std::move(targets)}});
  if (!sample.video.empty()) json.set("video", sample.video).set("frame", sample.frame);
  return json;
}

}  // namespace uls
