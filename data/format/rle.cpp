// SPDX-License-Identifier: Apache-2.0
#include "data/format/rle.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/error.h"

namespace uls {
namespace {

void check_same_size(const char* op, const Rle& a, const Rle& b) {
  ULS_CHECK(a.height == b.height && a.width == b.width,
            "{}: masks of different sizes; got {}x{} and {}x{}; expected one height and width", op, a.height,
            a.width, b.height, b.width);
}

// Calls run(length, in_a, in_b) for the pieces, in order, in which neither mask changes.
template <typename Run>
void walk_both(const Rle& a, const Rle& b, Run&& run) {
  std::size_t next_a = 0, next_b = 0;
  std::uint32_t left_a = 0, left_b = 0;
  while (true) {
    while (left_a == 0 && next_a < a.counts.size()) left_a = a.counts[next_a++];
    while (left_b == 0 && next_b < b.counts.size()) left_b = b.counts[next_b++];
    const std::uint32_t length = std::min(left_a, left_b);
    if (length == 0) return;
    run(length, next_a % 2 == 0, next_b % 2 == 0);
    left_a -= length;
    left_b -= length;
  }
}

Rle merge_two(const Rle& a, const Rle& b, bool intersect) {
  check_same_size("merge_masks", a, b);
  RleBuilder merged(a.height, a.width);
  walk_both(a, b, [&](std::uint32_t length, bool in_a, bool in_b) {
    merged.add(length, intersect ? in_a && in_b : in_a || in_b);
  });
  return std::move(merged).finish();
}

}  // namespace

RleBuilder::RleBuilder(std::int64_t height, std::int64_t width) : rle_{height, width, {0}} {
  check_mask_size("mask", height, width);
}

Rle encode_mask(std::span<const std::uint8_t> mask, std::int64_t height, std::int64_t width) {
  RleBuilder builder(height, width);
  ULS_CHECK(std::int64_t(mask.size()) == height * width,
            "encode_mask: wrong number of pixels; got {}; expected {}x{}", mask.size(), height, width);
  for (std::int64_t x = 0; x < width; ++x) {
    const std::uint8_t* pixel = mask.data() + x;
    for (std::int64_t y = 0; y < height;) {
      const bool inside = *pixel != 0;
      const std::int64_t first = y;
      do pixel += width;
      while (++y < height && (*pixel != 0) == inside);
      builder.add(std::uint32_t(y - first), inside);
    }
  }
  return std::move(builder).finish();
}

void paint_mask(const Rle& rle, std::uint8_t value, std::span<std::uint8_t> to) {
  ULS_CHECK(std::int64_t(to.size()) == rle.height * rle.width,
            "paint_mask: wrong number of pixels; got {}; expected {}x{}", to.size(), rle.height, rle.width);
  for_each_column_run(rle, [&](std::int64_t x, std::int64_t y, std::int64_t length) {
    std::uint8_t* pixel = to.data() + y * rle.width + x;
    for (std::int64_t i = 0; i < length; ++i, pixel += rle.width) *pixel = value;
  });
}

std::vector<std::uint8_t> decode_mask(const Rle& rle) {
  std::vector<std::uint8_t> mask(std::size_t(rle.height * rle.width));
  paint_mask(rle, 1, mask);
  return mask;
}

std::int64_t area(const Rle& rle) {
  std::int64_t sum = 0;
  for (std::size_t i = 1; i < rle.counts.size(); i += 2) sum += rle.counts[i];
  return sum;
}

Box bounding_box(const Rle& rle) {
  std::int64_t left = rle.width, top = rle.height, right = 0, bottom = 0;
  for_each_column_run(rle, [&](std::int64_t x, std::int64_t y, std::int64_t length) {
    left = std::min(left, x);
    right = std::max(right, x + 1);
    top = std::min(top, y);
    bottom = std::max(bottom, y + length);
  });
  if (right == 0) return {0, 0, 0, 0};
  return {double(left), double(top), double(right - left), double(bottom - top)};
}

Rle merge_masks(std::span<const Rle> masks, bool intersect) {
  ULS_CHECK(!masks.empty(), "merge_masks: no masks; expected at least one");
  Rle merged = masks.front();
  for (const Rle& mask : masks.subspan(1)) merged = merge_two(merged, mask, intersect);
  return merged;
}

double mask_iou(const Rle& a, const Rle& b, bool crowd) {
  check_same_size("mask_iou", a, b);
  std::int64_t both = 0, either = 0;
  walk_both(a, b, [&](std::uint32_t length, bool in_a, bool in_b) {
    if (in_a && in_b) both += length;
    if (in_a || in_b) either += length;
  });
  if (both == 0) return 0;
  return double(both) / double(crowd ? area(a) : either);
}

Rle empty_mask(std::int64_t height, std::int64_t width) {
  check_mask_size("mask", height, width);
  return {height, width, {std::uint32_t(height * width)}};
}

void check_mask_size(const std::string& where, std::int64_t height, std::int64_t width) {
  ULS_CHECK(height >= 1 && width >= 1 && height <= kMostPixels / width,
            "{}: wrong size; got {}x{}; expected at least 1x1 and at most {} pixels", where, height, width,
            kMostPixels);
}

}  // namespace uls
