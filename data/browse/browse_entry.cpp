// SPDX-License-Identifier: Apache-2.0
#include "data/browse/browse_entry.h"

#include <algorithm>

#include "core/base/error.h"
#include "data/browse/thumbnail.h"

namespace uls {
namespace {

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
  Json targets = Json::array();
  for (std::size_t t = 0; t < view.targets.size(); ++t)
    targets.push_back(target_json(view.targets[t], view.masks[t], view.image, thumbnail));
  Json json = Json::object({{"id", sample.id},
                            {"split", sample.split},
                            {"size", fmt::format("{} x {}", sample.width, sample.height)},
                            {"width", thumbnail.width},
                            {"height", thumbnail.height},
                            {"image", thumbnail_url(view.image)},
                            {"targets", std::move(targets)}});
  if (!sample.video.empty()) json.set("video", sample.video).set("frame", sample.frame);
  return json;
}

}  // namespace uls
