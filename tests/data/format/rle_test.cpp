// SPDX-License-Identifier: Apache-2.0
// Masks worked out by hand; rle_table_test.cpp and rle_peer_test.cpp hold the rest against pycocotools.
#include "data/format/rle.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "core/base/error.h"
#include "tests/support/support.h"

using namespace uls;
using uls::test::error_of;

namespace {

using Counts = std::vector<std::uint32_t>;
using Pixels = std::vector<std::uint8_t>;

}  // namespace

TEST_CASE("rle: runs go down the columns, background first") {
  const Pixels mask{0, 1, 0,  //
                    7, 1, 0};
  const Rle rle = encode_mask(mask, 2, 3);
  CHECK(rle.counts == Counts{1, 3, 2});
  CHECK(decode_mask(rle) == Pixels{0, 1, 0, 1, 1, 0});
  CHECK(area(rle) == 3);
  CHECK(bounding_box(rle) == Box{0, 0, 2, 2});
  CHECK(encode_mask(Pixels{1, 1}, 1, 2).counts == Counts{0, 2});
  CHECK(bounding_box(encode_mask(Pixels{0, 0, 0, 0, 1, 0}, 2, 3)) == Box{1, 1, 1, 1});
}

TEST_CASE("rle: an empty mask") {
  const Rle empty = empty_mask(4, 5);
  CHECK(empty.counts == Counts{20});
  CHECK(encode_mask(Pixels(20), 4, 5) == empty);
  CHECK(area(empty) == 0);
  CHECK(bounding_box(empty) == Box{0, 0, 0, 0});
  CHECK(mask_iou(empty, empty) == 0);
  CHECK(decode_mask(empty) == Pixels(20));
}

TEST_CASE("rle: union, intersection and their quotient") {
  const Rle a = box_mask({0, 0, 2, 2}, 4, 4), b = box_mask({1, 1, 2, 2}, 4, 4);
  CHECK(area(a) == 4);
  CHECK(area(merge_masks(std::vector{a, b})) == 7);
  CHECK(merge_masks(std::vector{a, b}, true) == box_mask({1, 1, 1, 1}, 4, 4));
  CHECK(merge_masks(std::vector{a}) == a);
  CHECK(mask_iou(a, b) == 1. / 7);
  CHECK(mask_iou(a, b, true) == 1. / 4);
  CHECK(mask_iou(a, box_mask({2, 2, 2, 2}, 4, 4)) == 0);
  CHECK(error_of([&] { merge_masks({}); }) == "merge_masks: no masks; expected at least one");
  CHECK(error_of([&] {
          merge_masks(std::vector{a, empty_mask(4, 5)});
        }) == "merge_masks: masks of different sizes; got 4x4 and 4x5; expected one height and width");
  CHECK(error_of([&] { mask_iou(a, empty_mask(5, 4)); }) ==
        "mask_iou: masks of different sizes; got 4x4 and 5x4; expected one height and width");
}

TEST_CASE("rle: painting leaves the rest as it is") {
  Pixels pixels(6, 9);
  paint_mask({2, 3, {1, 2, 3}}, 4, pixels);
  CHECK(pixels == Pixels{9, 4, 9, 4, 9, 9});
  CHECK(error_of([&] { paint_mask(empty_mask(2, 2), 1, pixels); }) ==
        "paint_mask: wrong number of pixels; got 6; expected 2x2");
}

TEST_CASE("rle: text of the counts and back") {
  const Rle rle{10, 10, {3, 40, 2, 1, 50, 4}};
  const std::string text = compressed_counts(rle);
  CHECK(parse_compressed_counts(text, 10, 10, "here") == rle);
  CHECK(compressed_counts(empty_mask(1, 3)) == "3");
  // 15 fits in one group with its sign; 16 does not.
  CHECK(compressed_counts(empty_mask(3, 5)) == "?");
  CHECK(compressed_counts(empty_mask(4, 4)) == "`0");
}

TEST_CASE("rle: broken text is refused") {
  const auto refusal = [](std::string_view text, std::int64_t height = 2, std::int64_t width = 2) {
    std::string message;
    try {
      parse_compressed_counts(text, height, width, "a.json:3");
    } catch (const DataError& error) {
      message = error.what();
    }
    return message;
  };
  CHECK(refusal("4").empty());
  CHECK(refusal("5") == "a.json:3: the mask's counts do not sum to its size; got 5; expected 2x2");
  CHECK(refusal("") == "a.json:3: the mask's counts do not sum to its size; got 0; expected 2x2");
  CHECK(refusal("d") == "a.json:3: mask cut short; the last count is not complete");
  CHECK(refusal("4 ") ==
        "a.json:3: no compressed mask; got byte 32 at position 1; expected COCO's characters '0' to 'o', at "
        "most 7 a count");
  CHECK(refusal("oooooooo0").find("at position 7") != std::string::npos);
  CHECK(refusal("O") == "a.json:3: count 0 of the mask is out of range; got -1; expected 0 to 4294967295");
  CHECK(refusal("4", 0, 4) ==
        "a.json:3: wrong size; got 0x4; expected at least 1x1 and at most 1073741824 pixels");
  CHECK(refusal("4", 1 << 20, 1 << 20).find("wrong size") != std::string::npos);
  CHECK(error_of([] {
          checked_rle({1, 2}, 2, 2, "b");
        }) == "b: the mask's counts do not sum to its size; got 3; expected 2x2");
}

TEST_CASE("rle: empty runs are joined, so that one mask has one form") {
  CHECK(checked_rle({1, 1, 0, 2, 0}, 2, 2, "").counts == Counts{1, 3});
  CHECK(checked_rle({0, 0, 4}, 2, 2, "").counts == Counts{4});
}

TEST_CASE("rle: polygons") {
  // COCO's own example of a square: pixels whose centre is inside.
  CHECK(polygon_mask(std::vector<double>{1, 1, 1, 3, 3, 3, 3, 1}, 4, 4) == box_mask({1, 1, 2, 2}, 4, 4));
  CHECK(area(polygon_mask(std::vector<double>{-9, -9, -9, 20, 20, 20, 20, -9}, 4, 5)) == 20);
  CHECK(error_of([] {
          polygon_mask(std::vector<double>{1, 1, 2, 2}, 4, 4);
        }) == "polygon_mask: no polygon; got 4 numbers; expected an even number, at least 6");
  CHECK(error_of([] {
          polygon_mask(std::vector<double>{1, 1, 2, 2, 3, 1e9}, 4, 4);
        }).starts_with("polygon_mask: coordinate out of range; got 1"));
  CHECK(error_of([] {
          polygon_mask(std::vector<double>(6, NAN), 4, 4);
        }).starts_with("polygon_mask: coordinate out of range; got nan"));
}
