// SPDX-License-Identifier: Apache-2.0
#include "tests/data/format/rle_table.h"

#include <catch2/catch.hpp>

#include <charconv>

#include "data/format/rle.h"

namespace uls::test {
namespace {

struct Size {
  std::int64_t height, width;
};

Size size_of(const Json& row) { return {row.at("size")[0].as_int64(), row.at("size")[1].as_int64()}; }

// Eight pixels a byte, the first in the highest bit.
std::vector<std::uint8_t> unpack(const std::string& hex, std::int64_t pixels) {
  std::vector<std::uint8_t> mask;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    for (int bit = 7; bit >= 0 && std::int64_t(mask.size()) < pixels; --bit) mask.push_back(byte >> bit & 1);
  }
  return mask;
}

template <typename T>
std::vector<T> numbers(const Json& array) {
  std::vector<T> list;
  for (const Json& item : array.items()) list.push_back(T(item.as_double()));
  return list;
}

Rle check_mask(const Json& row, const Size& size) {
  const auto pixels = unpack(row.at("pixels").as_string(), size.height * size.width);
  const std::string& text = row.at("text").as_string();
  const Rle rle = encode_mask(pixels, size.height, size.width);
  REQUIRE(rle.counts == numbers<std::uint32_t>(row.at("counts")));
  REQUIRE(compressed_counts(rle) == text);
  REQUIRE(parse_compressed_counts(text, size.height, size.width, "table") == rle);
  REQUIRE(checked_rle(rle.counts, size.height, size.width, "table") == rle);
  REQUIRE(decode_mask(rle) == pixels);
  REQUIRE(area(rle) == row.at("area").as_int64());
  const auto box = numbers<double>(row.at("box"));
  const Box found = bounding_box(rle);
  REQUIRE(std::equal(found.begin(), found.end(), box.begin(), box.end()));
  return rle;
}

void check_group(const Json& group) {
  const Size size = size_of(group);
  std::vector<Rle> masks;
  for (const Json& row : group.at("masks").items()) masks.push_back(check_mask(row, size));
  REQUIRE(compressed_counts(merge_masks(masks)) == group.at("union").as_string());
  REQUIRE(compressed_counts(merge_masks(masks, true)) == group.at("intersection").as_string());
  for (std::size_t a = 0; a < masks.size(); ++a)
    for (std::size_t b = 0; b < masks.size(); ++b) {
      const auto expected = [&](const char* key) {
        return group.at(key)[std::int64_t(a)][std::int64_t(b)].as_double();
      };
      REQUIRE(mask_iou(masks[a], masks[b]) == expected("iou"));
      REQUIRE(mask_iou(masks[a], masks[b], true) == expected("crowd_iou"));
    }
}

}  // namespace

std::int64_t check_rle_table(const Json& table) {
  std::int64_t count = 0;
  for (const Json& group : table.at("groups").items()) {
    INFO(group.at("size").dump());
    check_group(group);
    count += group.at("masks").size();
  }
  for (const Json& row : table.at("boxes").items()) {
    INFO(row.dump());
    const auto box = numbers<double>(row.at("box"));
    const auto [height, width] = size_of(row);
    REQUIRE(compressed_counts(box_mask({box[0], box[1], box[2], box[3]}, height, width)) ==
            row.at("text").as_string());
    ++count;
  }
  for (const Json& row : table.at("polygons").items()) {
    INFO(row.dump());
    const auto [height, width] = size_of(row);
    REQUIRE(compressed_counts(polygon_mask(numbers<double>(row.at("xy")), height, width)) ==
            row.at("text").as_string());
    ++count;
  }
  return count;
}

}  // namespace uls::test
