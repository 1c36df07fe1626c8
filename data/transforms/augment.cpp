// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/augment.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "data/transforms/text_words.h"

namespace uls {
namespace {

// Rows and columns [top, bottom) x [left, right) that hold foreground; empty where none does.
struct Bounds {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
  bool empty() const { return bottom == 0; }
};

Bounds bounds_of(std::span<const std::uint8_t> mask, std::int64_t height, std::int64_t width) {
  Bounds bounds{.top = height, .left = width};
  for (std::int64_t y = 0; y < height; ++y) {
    const auto row = mask.subspan(std::size_t(y * width), std::size_t(width));
    const auto foreground = [](std::uint8_t m) { return m != 0; };
    const auto first = std::ranges::find_if(row, foreground);
    if (first == row.end()) continue;
    const auto last = std::find_if(row.rbegin(), row.rend(), foreground);
    bounds.top = std::min(bounds.top, y);
    bounds.bottom = y + 1;
    bounds.left = std::min<std::int64_t>(bounds.left, first - row.begin());
    bounds.right = std::max<std::int64_t>(bounds.right, row.rend() - last);
  }
  return bounds;
}

struct Interval {
  std::int64_t first, size;
};

// A part of [0, whole) of about `share`, larger where it must hold [keep_first, keep_last).
Interval draw_interval(std::int64_t whole, double share, std::int64_t keep_first, std::int64_t keep_last,
                       double where) {
  const auto wanted = std::clamp<std::int64_t>(std::llround(share * double(whole)), 1, whole);
  const std::int64_t size = std::max(wanted, keep_last - keep_first);
  const std::int64_t least = keep_last > keep_first ? std::max<std::int64_t>(0, keep_last - size) : 0;
  const std::int64_t most = keep_last > keep_first ? std::min(keep_first, whole - size) : whole - size;
  return {least + std::int64_t(where * double(most - least + 1)), size};
}

bool holds_foreground(std::span<const std::uint8_t> mask, std::int64_t width, const Augmentation& change) {
  for (std::int64_t y = change.top; y < change.top + change.height; ++y) {
    const auto row = mask.subspan(std::size_t(y * width + change.left), std::size_t(change.width));
    if (std::ranges::any_of(row, [](std::uint8_t m) { return m != 0; })) return true;
  }
  return false;
}

void change_light(Image& image, const Augmentation& change) {
  const auto is_one = [](double factor) { return factor == 1; };
  if (is_one(change.brightness) && is_one(change.contrast) && std::ranges::all_of(change.colour, is_one))
    return;
  std::int64_t sum = 0;
  for (const std::uint8_t byte : image.pixels) sum += byte;
  const double mean = double(sum) / double(image.pixels.size());
  // One table a channel: each of the changes is a function of the byte alone.
  std::array<std::array<std::uint8_t, 256>, 3> table;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t v = 0; v < 256; ++v) {
      const double contrasted = mean + (double(v) - mean) * change.contrast;
      const double value = contrasted * change.brightness * change.colour[c];
      table[c][v] = std::uint8_t(std::clamp(std::lround(value), 0L, 255L));
    }
  for (std::size_t i = 0; i < image.pixels.size(); i += 3)
    for (std::size_t c = 0; c < 3; ++c) image.pixels[i + c] = table[c][image.pixels[i + c]];
}

// Pixels of `channels` bytes, cut out and mirrored.
std::vector<std::uint8_t> cut(const std::uint8_t* pixels, std::int64_t width, std::int64_t channels,
                              const Augmentation& change) {
  std::vector<std::uint8_t> result(std::size_t(change.height * change.width * channels));
  for (std::int64_t y = 0; y < change.height; ++y) {
    const std::uint8_t* from = pixels + ((change.top + y) * width + change.left) * channels;
    std::uint8_t* to = result.data() + y * change.width * channels;
    if (!change.flip) {
      std::memcpy(to, from, std::size_t(change.width * channels));
      continue;
    }
    for (std::int64_t x = 0; x < change.width; ++x)
      std::memcpy(to + x * channels, from + (change.width - 1 - x) * channels, std::size_t(channels));
  }
  return result;
}

}  // namespace

Augmentation draw_augmentation(const AugmentRanges& ranges, std::span<const std::uint8_t> mask,
                               std::int64_t height, std::int64_t width, Granularity granularity,
                               const std::string& text, SampleRandom& random) {
  const double share = random.uniform(ranges.crop, 1), aspect = random.uniform(0.85, 1.15);
  const double where_y = random.uniform(), where_x = random.uniform();
  const bool flip = random.uniform() < ranges.flip;
  const auto factor = [&](double range) { return random.uniform(1 - range, 1 + range); };
  const double brightness = factor(ranges.brightness), contrast = factor(ranges.contrast);
  const std::array<double, 3> colour{factor(ranges.colour), factor(ranges.colour), factor(ranges.colour)};

  Augmentation change{.height = height, .width = width, .flip = flip && allows_flip(text)};
  if (ranges.crop < 1 && !has_place_word(text)) {
    const Bounds bounds = granularity == Granularity::fine ? bounds_of(mask, height, width) : Bounds{};
    const double root = std::sqrt(aspect);
    const Interval rows = draw_interval(height, share * root, bounds.top, bounds.bottom, where_y);
    const Interval columns = draw_interval(width, share / root, bounds.left, bounds.right, where_x);
    Augmentation cropped = change;
    cropped.top = rows.first, cropped.height = rows.size;
    cropped.left = columns.first, cropped.width = columns.size;
    const bool nothing_to_lose = granularity == Granularity::fine || holds_foreground(mask, width, cropped) ||
                                 !holds_foreground(mask, width, change);
    if (nothing_to_lose) change = cropped;
  }
  if (!has_colour_word(text)) {
    change.brightness = brightness;
    change.contrast = contrast;
    change.colour = colour;
  }
  return change;
}

Image augmented(const Image& image, const Augmentation& change) {
  Image result{change.height, change.width, image.channels,
               cut(image.pixels.data(), image.width, image.channels, change)};
  change_light(result, change);
  return result;
}

std::vector<std::uint8_t> augmented_mask(std::span<const std::uint8_t> mask, std::int64_t width,
                                         const Augmentation& change) {
  return cut(mask.data(), width, 1, change);
}

std::string augmented_text(const std::string& text, const Augmentation& change) {
  return change.flip ? swap_sides(text) : text;
}

}  // namespace uls
