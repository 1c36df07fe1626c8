// SPDX-License-Identifier: Apache-2.0
#include "data/browse/browse_page.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/random/philox.h"
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

Json sample_json(const Dataset& set, const Sample& sample, const BrowseOptions& options) {
  const BrowseView view = options.viewer(set, sample);
  ULS_ASSERT(view.targets.size() == view.masks.size(), "a view of {} has {} masks for {} targets", sample.id,
             view.masks.size(), view.targets.size());
  const Thumbnail thumbnail(view.image.height, view.image.width);
  const Image small = shrink(view.image, thumbnail);
  const bool exact = std::max(view.image.height, view.image.width) <= kSmallImage;
  const std::string url = exact ? data_url("image/png", encode_png(small))
                                : data_url("image/jpeg", encode_jpeg(small, kJpegQuality));
  Json targets = Json::array();
  for (std::size_t t = 0; t < view.targets.size(); ++t)
    if (options.task.empty() || view.targets[t].task == parse_task(options.task))
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

Json counts_json(const std::map<std::string, std::int64_t>& samples,
                 const std::map<std::string, std::int64_t>& targets) {
  Json counts = Json::array();
  for (const auto& [split, count] : samples) {
    const auto found = targets.find(split);
    counts.push_back(Json::object(
        {{"split", split}, {"samples", count}, {"targets", found == targets.end() ? 0 : found->second}}));
  }
  return counts;
}

Json classes_json(const Manifest& manifest) {
  Json lists = Json::array();
  for (const auto& [task, list] : manifest.class_lists) {
    Json names = Json::array();
    for (const std::string& name : list.names) names.push_back(name);
    lists.push_back(Json::object({{"task", to_string(task)}, {"names", std::move(names)}}));
  }
  return lists;
}

}  // namespace

BrowseView plain_view(const Dataset& set, const Sample& sample) {
  BrowseView view{set.image(sample), sample.targets, {}};
  for (const Target& target : sample.targets) view.masks.push_back(set.target_mask(sample, target));
  return view;
}

std::vector<std::int64_t> draw_samples(const Dataset& set, const BrowseOptions& options) {
  ULS_CHECK(options.count >= 1 && options.count <= 10'000,
            "browse: --count: wrong value; got {}; expected 1 to 10000", options.count);
  std::vector<std::uint8_t> wanted(std::size_t(set.size()), options.task.empty());
  if (!options.task.empty()) {
    const Task task = parse_task(options.task);
    for (std::int64_t t = 0; t < set.target_count(); ++t)
      if (const TargetRef target = set.target(t); target.task == task) wanted[std::size_t(target.sample)] = 1;
  }
  // By a number drawn for each: the same samples whatever else is drawn.
  std::vector<std::pair<std::uint32_t, std::int64_t>> draws;
  const PhiloxKey key{std::uint32_t(options.seed), std::uint32_t(options.seed >> 32)};
  for (std::int64_t i = 0; i < set.size(); ++i)
    if (wanted[std::size_t(i)])
      draws.emplace_back(philox4x32({std::uint32_t(i), std::uint32_t(i >> 32), 0, 0}, key)[0], i);
  ULS_CHECK(!draws.empty(), "browse: {} has no target of the task {}", set.path(), options.task);
  std::ranges::sort(draws);
  draws.resize(std::min(draws.size(), std::size_t(options.count)));
  std::vector<std::int64_t> samples;
  for (const auto& [number, i] : draws) samples.push_back(i);
  std::ranges::sort(samples);
  return samples;
}

std::string browse_page(const Dataset& set, const BrowseOptions& options) {
  const std::vector<std::int64_t> drawn = draw_samples(set, options);
  std::vector<Json> made(drawn.size());
  parallel_for(0, std::int64_t(drawn.size()), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i)
      made[std::size_t(i)] = sample_json(set, set.sample(drawn[std::size_t(i)]), options);
  });
  Json samples = Json::array();
  for (Json& sample : made) samples.push_back(std::move(sample));
  const Manifest& manifest = set.manifest();
  const Json content = Json::object({{"name", manifest.name},
                                     {"source", manifest.source},
                                     {"licence", manifest.licence},
                                     {"counts", counts_json(manifest.samples, manifest.targets)},
                                     {"classes", classes_json(manifest)},
                                     {"samples", std::move(samples)}});
  return page_html(manifest.name, content);
}

}  // namespace uls
