// SPDX-License-Identifier: Apache-2.0
#include "data/browse/mixture_page.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "core/base/error.h"
#include "data/browse/browse_entry.h"
#include "data/browse/page_parts.h"
#include "data/transforms/normalise.h"

namespace uls {
namespace {

// Item `index` of a batch, as a picture and a mask of the input's size.
BrowseView view_of(const LoadedBatch& batch, std::int64_t index) {
  const BatchItem& item = batch.items[std::size_t(index)];
  const std::int64_t side = batch.image.size(1), cells = batch.target.size(2), stride = side / cells;
  BrowseView view{
      .image = {side, side, 3, {}},
      .targets = {{.id = item.target, .texts = {item.text}, .task = item.task, .kind = item.kind}}};
  const float* pixels = batch.image.data<float>() + index * side * side * 3;
  for (std::int64_t i = 0; i < side * side * 3; ++i) {
    const std::size_t c = std::size_t(i % 3);
    const float value = 255 * (pixels[i] * kClipStd[c] + kClipMean[c]);
    view.image.pixels.push_back(std::uint8_t(std::clamp(std::lround(value), 0l, 255l)));
  }
  const float* target = batch.target.data<float>() + index * cells * cells;
  std::vector<std::uint8_t>& mask = view.masks.emplace_back();
  for (std::int64_t y = 0; y < side; ++y)
    for (std::int64_t x = 0; x < side; ++x) mask.push_back(target[y / stride * cells + x / stride] >= 0.5f);
  return view;
}

}  // namespace

std::string mixture_page(const LoaderConfig& config, std::int64_t count) {
  ULS_CHECK(count >= 1 && count <= 10'000, "browse: --count: wrong value; got {}; expected 1 to 10000",
            count);
  Loader loader(parse_loader_sets(config.sets), config, Loader::Mode::train);
  Json samples = Json::array();
  std::map<std::string, std::int64_t> tasks;
  while (samples.size() < count) {
    const std::optional<LoadedBatch> batch = loader.next();
    ULS_ASSERT(batch, "training data ended");
    for (std::int64_t i = 0; i < std::int64_t(batch->items.size()) && samples.size() < count; ++i) {
      const BatchItem& item = batch->items[std::size_t(i)];
      samples.push_back(
          browse_entry(view_of(*batch, i), {.id = fmt::format("{} of {}", item.sample, item.set),
                                            .height = item.height,
                                            .width = item.width,
                                            .split = fmt::format("batch {}", batch->number)}));
      ++tasks[to_string(item.task)];
    }
  }
  Json counts = Json::array();
  for (const auto& [task, visits] : tasks)
    counts.push_back(Json::object({{"split", task}, {"samples", visits}, {"targets", visits}}));
  const std::string title = fmt::format("the first {} visits of {} an epoch", count, loader.epoch_size());
  return page_html(title, Json::object({{"name", title},
                                        {"source", ""},
                                        {"licence", ""},
                                        {"counts", std::move(counts)},
                                        {"classes", Json::array()},
                                        {"samples", std::move(samples)}}));
}

}  // namespace uls
