// SPDX-License-Identifier: Apache-2.0
#include "tests/data/format/format_fixture.h"

#include <fmt/core.h>

namespace uls::test {

Manifest small_manifest() {
  return {.name = "small",
          .source = "made by a test",
          .licence = "none",
          .images = "",
          .class_lists = {
              {Task::semantic, {.names = {"cat", "dog"}, .values = {1, 3}, .ignore = 255, .background = 0}}}};
}

Sample small_sample(std::int64_t n) {
  const std::string id = fmt::format("s{:03}", n);
  Sample sample{.id = id,
                .image = fmt::format("images/{}.png", n),
                .height = 4,
                .width = 6,
                .split = n % 3 == 2 ? "val" : "train",
                .source = Json::object({{"number", n}})};
  sample.regions.push_back(
      {.mask = box_mask({0, 0, 2, 2}, 4, 6), .source = Json::object({{"ann_id", 10 * n}})});
  sample.regions.push_back({.mask = box_mask({3, 1, 2, 3}, 4, 6)});
  sample.targets.push_back({.id = id + "/a",
                            .texts = {"the cat on the left", "left \u00e9"},
                            .regions = {0},
                            .kind = "position",
                            .score = 0.1});
  sample.targets.push_back({.id = id + "/b",
                            .texts = {"all cat"},
                            .regions = {0, 1},
                            .task = Task::semantic,
                            .granularity = Granularity::coarse,
                            .category = 0});
  sample.targets.push_back({.id = id + "/c", .texts = {"the horse"}});
  sample.ignore = box_mask({5, 0, 1, 1}, 4, 6);
  return sample;
}

Image small_image(std::int64_t n) {
  Image image{4, 6, 3, {}};
  for (std::int64_t i = 0; i < 72; ++i) image.pixels.push_back(std::uint8_t(i * 3 + n));
  return image;
}

void write_small_set(const std::string& path, std::int64_t count) {
  DatasetWriter writer(path, small_manifest());
  for (std::int64_t n = 0; n < count; ++n) {
    const Sample sample = small_sample(n);
    writer.add_file(sample.image, encode_png(small_image(n)));
    writer.add(sample);
  }
  writer.finish();
}

}  // namespace uls::test
