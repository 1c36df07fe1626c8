// SPDX-License-Identifier: Apache-2.0
// Two bytes of height and width, then any bytes as compressed counts, as a list of counts, and as a polygon:
// what is taken obeys the laws of masks.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "data/format/rle.h"

namespace {

using uls::Rle;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

std::vector<std::uint8_t> filled(const uls::Box& box, std::int64_t height, std::int64_t width) {
  std::vector<std::uint8_t> mask(std::size_t(height * width));
  for (std::int64_t y = 0; y < std::int64_t(box[3]); ++y)
    std::memset(mask.data() + (y + std::int64_t(box[1])) * width + std::int64_t(box[0]), 1,
                std::size_t(box[2]));
  return mask;
}

void use(const Rle& rle) {
  const auto pixels = decode_mask(rle);
  require(uls::encode_mask(pixels, rle.height, rle.width) == rle);
  require(uls::parse_compressed_counts(compressed_counts(rle), rle.height, rle.width, "again") == rle);
  std::int64_t count = 0;
  for (const std::uint8_t pixel : pixels) count += pixel;
  require(area(rle) == count);

  std::vector<std::uint8_t> inverse = pixels;
  for (std::uint8_t& pixel : inverse) pixel ^= 1;
  const Rle other = uls::encode_mask(inverse, rle.height, rle.width);
  require(area(uls::merge_masks(std::vector{rle, other})) == rle.height * rle.width);
  require(area(uls::merge_masks(std::vector{rle, other}, true)) == 0);
  require(uls::mask_iou(rle, other) == 0);
  require(uls::mask_iou(rle, rle, true) == (count > 0));
  const Rle box = uls::encode_mask(filled(bounding_box(rle), rle.height, rle.width), rle.height, rle.width);
  require(uls::merge_masks(std::vector{rle, box}) == box);
}

// Coordinates as numbers that lie in the input, in parts of a pixel.
template <typename Number>
std::vector<double> coordinates(const std::string& bytes, double parts) {
  std::vector<double> xy;
  for (std::size_t at = 0; at + sizeof(Number) <= bytes.size(); at += sizeof(Number)) {
    Number number;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    xy.push_back(double(number) / parts);
  }
  return xy;
}

// Far corners that are still allowed: a long walk that says no more.
bool takes_long(const std::vector<double>& xy) {
  return std::ranges::any_of(xy, [](double at) { return std::abs(at) > 300 && std::abs(at) <= 100'000; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  // Sides of 0 are refused; larger ones take longer and say no more.
  const std::int64_t height = data[1] % 33, width = data[2] % 33;
  const std::string rest(reinterpret_cast<const char*>(data) + 3, size - 3);
  try {
    switch (data[0] % 4) {
      case 0:
        use(uls::parse_compressed_counts(rest, height, width, "made"));
        break;
      case 1: {
        std::vector<std::uint32_t> counts(rest.begin(), rest.end());
        use(uls::checked_rle(std::move(counts), height, width, "made"));
        break;
      }
      case 2:
        use(uls::polygon_mask(coordinates<std::int16_t>(rest, 256), height, width));
        break;
      default: {
        const auto xy = coordinates<double>(rest, 1);
        if (!takes_long(xy)) use(uls::polygon_mask(xy, height, width));
      }
    }
  } catch (const uls::Error&) {
  }
  return 0;
}
