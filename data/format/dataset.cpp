// SPDX-License-Identifier: Apache-2.0
#include "data/format/dataset.h"

#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "core/io/foreign_text.h"
#include "data/format/data_error.h"
#include "data/format/folder_dataset.h"
#include "data/format/shard_dataset.h"

namespace uls {
namespace {

[[noreturn]] void refuse_size(const std::string& where, std::int64_t height, std::int64_t width,
                              const Sample& sample) {
  throw DataError(fmt::format("{}: another size than sample {} says; got {}x{}; expected {}x{}", where,
                              shown(sample.id), height, width, sample.height, sample.width));
}

}  // namespace

std::unique_ptr<Dataset> Dataset::open(const std::string& path) {
  if (!std::filesystem::is_directory(path))
    throw DataError(path + ": no data set; expected a folder with manifest.json");
  if (!std::filesystem::exists(std::filesystem::path(path) / kManifestName))
    throw DataError(
        fmt::format("{}: no data set, or one that is not finished; it has no {}", path, kManifestName));
  return is_sharded(path) ? open_shard_dataset(path) : open_folder_dataset(path);
}

Image Dataset::image(const Sample& sample) const {
  const std::string where = fmt::format("{}: {}", path(), sample.image);
  Image image = decode_image(image_bytes(sample), where);
  if (image.height != sample.height || image.width != sample.width)
    refuse_size(where, image.height, image.width, sample);
  return image;
}

Rle Dataset::target_rle(const Sample& sample, const Target& target) const {
  std::vector<Rle> masks;
  for (const std::int32_t region : target.regions)
    masks.push_back(region_mask(sample, sample.regions.at(std::size_t(region))));
  return masks.empty() ? empty_mask(sample.height, sample.width) : merge_masks(masks);
}

std::vector<std::uint8_t> Dataset::target_mask(const Sample& sample, const Target& target) const {
  std::vector<std::uint8_t> mask(std::size_t(sample.height * sample.width));
  for (const std::int32_t region : target.regions)
    paint_mask(region_mask(sample, sample.regions.at(std::size_t(region))), 1, mask);
  return mask;
}

LabelMap Dataset::label_map(const Sample& sample, Task task) const {
  const auto found = manifest().class_lists.find(task);
  ULS_CHECK(found != manifest().class_lists.end(), "{}: no classes of {}; the manifest has no such list",
            path(), to_string(task));
  const ClassList& list = found->second;
  const auto nothing = std::uint16_t(list.background >= 0 ? list.background : list.ignore);
  LabelMap map{sample.height, sample.width, {}};
  map.labels.assign(std::size_t(sample.height * sample.width), nothing);
  const auto paint = [&](const Rle& mask, std::int32_t value) {
    for_each_column_run(mask, [&](std::int64_t x, std::int64_t y, std::int64_t length) {
      for (std::int64_t i = 0; i < length; ++i) {
        std::uint16_t& label = map.labels[std::size_t((y + i) * sample.width + x)];
        if (label != nothing && label != value)
          throw DataError(
              fmt::format("{}: sample {}: pixel {},{} has two classes of {}; got values {} and {}", path(),
                          shown(sample.id), x, y + i, to_string(task), label, value));
        label = std::uint16_t(value);
      }
    });
  };
  if (sample.ignore) paint(*sample.ignore, list.ignore);
  for (const Target& target : sample.targets)
    if (target.task == task && target.category >= 0) {
      check_category(target, manifest(), fmt::format("{}: target {}", path(), shown(target.id)));
      paint(target_rle(sample, target), list.values[std::size_t(target.category)]);
    }
  return map;
}

Rle Dataset::mask_from_png(std::string_view bytes, const std::string& where, const Sample& sample) {
  const LabelMap map = decode_label_png(bytes, where);
  if (map.height != sample.height || map.width != sample.width)
    refuse_size(where, map.height, map.width, sample);
  std::vector<std::uint8_t> mask(map.labels.size());
  std::ranges::transform(map.labels, mask.begin(), [](std::uint16_t label) { return label != 0; });
  return encode_mask(mask, map.height, map.width);
}

}  // namespace uls
