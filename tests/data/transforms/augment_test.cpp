// SPDX-License-Identifier: Apache-2.0
// Augmentation: the text stays true and the mask exact.
#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>

#include "data/transforms/augment.h"
#include "data/transforms/mask_back.h"
#include "data/transforms/text_words.h"
#include "data/transforms/transform.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

// Each pixel tells where it is.
Image map_of_places(std::int64_t height, std::int64_t width) {
  Image image{height, width, 3, {}};
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      for (const std::int64_t value : {y, x, y ^ x}) image.pixels.push_back(std::uint8_t(value));
  return image;
}

std::vector<std::uint8_t> box(std::int64_t height, std::int64_t width, std::int64_t top, std::int64_t left,
                              std::int64_t bottom, std::int64_t right) {
  std::vector<std::uint8_t> mask(std::size_t(height * width));
  for (std::int64_t y = top; y < bottom; ++y)
    std::fill_n(mask.begin() + y * width + left, right - left, std::uint8_t(1));
  return mask;
}

std::int64_t area_of(const std::vector<std::uint8_t>& mask) {
  return std::accumulate(mask.begin(), mask.end(), std::int64_t(0));
}

constexpr AugmentRanges kAll{.crop = 0.6, .flip = 0.5, .brightness = 0.25, .contrast = 0.25, .colour = 0.25};

}  // namespace

TEST_CASE("text: sides are swapped as whole words, case kept") {
  CHECK(swap_sides("the cat left of the dog") == "the cat right of the dog");
  CHECK(swap_sides("Left LEFT left, right-most; RIGHTMOST") == "Right RIGHT right, left-most; LEFTMOST");
  CHECK(swap_sides("leftmost man, lefthand side, rightwards") == "rightmost man, righthand side, leftwards");
  CHECK(swap_sides("bright cleft leftover upright") == "bright cleft leftover upright");
  CHECK(swap_sides("left to right") == "right to left");
  CHECK(swap_sides("").empty());
  CHECK(swap_sides("\u00e9left left\u00e9 left") == "\u00e9left left\u00e9 right");
  CHECK(swap_sides("man's left's") == "man's right's");
  for (const char* text : {"the left one", "Right side of THE LEFT box", "no side", "rights lefty"})
    CHECK(swap_sides(swap_sides(text)) == text);
}

TEST_CASE("text: what mirroring would make untrue is not mirrored") {
  for (const char* text : {"guy on the left", "right guy", "the right in red", "bright shirt", "plain",
                           "on the right", "clocktower"})
    CHECK(allows_flip(text));
  for (const char* text :
       {"lft guy", "Rt man", "the man right behind him", "RIGHT next to the car", "right in front of us",
        "car at 3 o'clock", "turning clockwise", "the west wing", "all right", "far L"})
    CHECK_FALSE(allows_flip(text));
}

TEST_CASE("text: words for colours and places") {
  for (const char* text : {"red", "The BLACK dog", "dark-haired", "bluish thing", "white.", "coloured"})
    CHECK(has_colour_word(text));
  for (const char* text : {"tired", "blackboard", "the redwood", "dog", "", "lightning"})
    CHECK_FALSE(has_colour_word(text));
  for (const char* text : {"on the left", "Top one", "2nd from the window", "in the corner", "middle"})
    CHECK(has_place_word(text));
  for (const char* text : {"laptop", "the dog", "sidewalk", "small square"})
    CHECK_FALSE(has_place_word(text));
}

TEST_CASE("augment: the picture's pixels and the mask's stay together, unchanged") {
  const std::int64_t height = 40, width = 60;
  const Image image = map_of_places(height, width);
  const auto mask = box(height, width, 10, 22, 25, 40);
  AugmentRanges ranges = kAll;
  ranges.brightness = ranges.contrast = ranges.colour = 0;
  int flips = 0, crops = 0;
  for (std::uint64_t n = 0; n < 300; ++n) {
    SampleRandom random(1, 0, n, 0);
    const auto change = draw_augmentation(ranges, mask, height, width, Granularity::fine, "cat", random);
    flips += change.flip;
    crops += change.width < width;
    REQUIRE((change.top >= 0 && change.left >= 0 && change.top + change.height <= height &&
             change.left + change.width <= width));
    REQUIRE((change.height >= 20 && change.width >= 30));
    const Image cut = augmented(image, change);
    const auto cut_mask = augmented_mask(mask, width, change);
    REQUIRE(area_of(cut_mask) == area_of(mask));
    for (std::int64_t y = 0; y < change.height; ++y)
      for (std::int64_t x = 0; x < change.width; ++x) {
        const std::uint8_t* pixel = cut.row(y) + 3 * x;
        const std::int64_t from_x = change.left + (change.flip ? change.width - 1 - x : x);
        REQUIRE((pixel[0] == change.top + y && pixel[1] == from_x));
        REQUIRE(cut_mask[std::size_t(y * change.width + x)] ==
                mask[std::size_t(pixel[0] * width + pixel[1])]);
      }
  }
  CHECK((flips > 110 && flips < 190 && crops > 200));
}

TEST_CASE("augment: mirroring goes with the text") {
  const auto mask = box(8, 8, 0, 0, 4, 4);
  int mirrored = 0;
  for (std::uint64_t n = 0; n < 50; ++n) {
    SampleRandom random(1, 2, n, 0), again(1, 2, n, 0);
    const auto change = draw_augmentation(kAll, mask, 8, 8, Granularity::fine, "Left dog", random);
    CHECK(augmented_text("Left dog", change) == (change.flip ? "Right dog" : "Left dog"));
    CHECK((change.width == 8 && change.height == 8));  // a place is named: no crop
    mirrored += change.flip;
    CHECK_FALSE(draw_augmentation(kAll, mask, 8, 8, Granularity::fine, "rt dog", again).flip);
  }
  CHECK((mirrored > 10 && mirrored < 40));
}

TEST_CASE("augment: light changes, but not where the text names a colour") {
  const Image image = map_of_places(16, 16);
  const auto mask = box(16, 16, 2, 2, 9, 9);
  AugmentRanges ranges = kAll;
  ranges.crop = 1;
  ranges.flip = 0;
  int changed = 0;
  for (std::uint64_t n = 0; n < 30; ++n) {
    SampleRandom random(5, 0, n, 0), again(5, 0, n, 0);
    const auto change = draw_augmentation(ranges, mask, 16, 16, Granularity::fine, "dog", random);
    changed += augmented(image, change).pixels != image.pixels;
    for (const double factor : {change.brightness, change.contrast, change.colour[0], change.colour[2]})
      CHECK((factor >= 0.75 && factor <= 1.25));
    const auto coloured = draw_augmentation(ranges, mask, 16, 16, Granularity::fine, "Red dog", again);
    CHECK(augmented(image, coloured).pixels == image.pixels);
  }
  CHECK(changed == 30);
  Augmentation twice{.height = 16, .width = 16, .brightness = 2};
  const Image bright = augmented(image, twice);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    CHECK(int(bright.pixels[i]) == 2 * int(image.pixels[i]));
}

TEST_CASE("augment: a crop never loses a coarse target, and may cut it") {
  const auto corner = box(30, 30, 0, 0, 3, 3), whole = box(30, 30, 0, 0, 30, 30);
  const std::vector<std::uint8_t> none(900);
  int cut = 0, of_none = 0;
  for (std::uint64_t n = 0; n < 200; ++n) {
    const auto draw = [&](const std::vector<std::uint8_t>& mask) {
      SampleRandom random(9, 0, n, 0);
      return draw_augmentation(kAll, mask, 30, 30, Granularity::coarse, "all sky", random);
    };
    CHECK(area_of(augmented_mask(corner, 30, draw(corner))) > 0);
    cut += area_of(augmented_mask(whole, 30, draw(whole))) < 900;
    of_none += draw(none).width < 30;
  }
  CHECK((cut > 150 && of_none > 120));
}

TEST_CASE("random: a function of seed, epoch, position and sample") {
  const auto first = [](std::uint64_t seed, std::uint64_t epoch, std::uint64_t position,
                        std::uint64_t sample) {
    return SampleRandom(seed, epoch, position, sample).uniform();
  };
  CHECK(first(1, 2, 3, 4) == first(1, 2, 3, 4));
  for (const double other : {first(2, 2, 3, 4), first(1, 3, 3, 4), first(1, 2, 4, 4), first(1, 2, 3, 5)})
    CHECK(other != first(1, 2, 3, 4));
  SampleRandom random(1, 1, 1, 1);
  double sum = 0;
  int low = 0;
  for (int i = 0; i < 4000; ++i) {
    sum += random.uniform(2, 4);
    const std::int64_t die = random.below(6);
    REQUIRE((die >= 0 && die < 6));
    low += die == 0;
  }
  CHECK(sum / 4000 == Approx(3).margin(0.05));
  CHECK(low / 4000.0 == Approx(1 / 6.0).margin(0.03));
}

TEST_CASE("target: shares around a cell's point are exact, and nearest takes a cell's first pixel") {
  // 4 cells on 16 pixels are 5 apart: their bounds are 0, 3, 8, 13, 16.
  const auto mask = box(16, 16, 0, 0, 6, 10);
  const std::vector<float> shares{1, 1, 0.4f, 0, 0.6f, 0.6f, 0.24f, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  std::vector<float> to(16);
  grid_target(mask, {FitKind::squash, 16, 16, 16}, TargetKind::area, to);
  for (std::size_t i = 0; i < to.size(); ++i) CHECK(to[i] == Approx(shares[i]).margin(1e-6));
  // A letterbox that changes nothing, but for its border: the same.
  grid_target(mask, {FitKind::letterbox, 16, 16, 16}, TargetKind::area, to);
  for (std::size_t i = 0; i < to.size(); ++i) CHECK(to[i] == Approx(shares[i]).margin(1e-6));
  grid_target(mask, {FitKind::squash, 16, 16, 16}, TargetKind::nearest, to);
  CHECK(to == std::vector<float>{1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  // 6 x 9 pixels on 2 x 2 cells: each cell covers 3 x 4.5 pixels.
  std::vector<float> four(4);
  grid_target(box(6, 9, 0, 0, 3, 5), {FitKind::squash, 6, 9, 8}, TargetKind::area, four);
  CHECK(four[0] == Approx(1));
  CHECK(four[1] == Approx(0.5 / 4.5));
  CHECK((four[2] == 0 && four[3] == 0));
  // A single cell covers everything.
  std::vector<float> one(1);
  grid_target(box(4, 4, 0, 0, 4, 3), {FitKind::squash, 4, 4, 4}, TargetKind::area, one);
  CHECK(one[0] == Approx(0.75));
  CHECK(error_of([&] {
          grid_target(mask, {FitKind::squash, 16, 16, 18}, TargetKind::area, to);
        }) ==
        "grid_target: sizes do not fit; got a mask of 256 pixels, 16 cells and a side of 18; expected 16x16, "
        "16 and a multiple of 4");
}

TEST_CASE("target: an edge comes back within a pixel, wherever it is") {
  for (const std::int64_t side : {32, 64, 96})
    for (std::int64_t edge = 2; edge <= side - 2; ++edge) {
      const std::int64_t cells = side / kGridStride;
      std::vector<float> to(std::size_t(cells * cells));
      grid_target(box(side, side, 0, 0, side, edge), {FitKind::squash, side, side, side}, TargetKind::area,
                  to);
      const std::vector<float> back = upsample_map(to, cells, side);
      const auto found = std::count_if(back.begin(), back.begin() + side, [](float p) { return p > 0.5f; });
      INFO("side " << side << ", edge " << edge);
      CHECK(std::abs(found - edge) <= 1);
    }
}

TEST_CASE("target: ignored pixels take weight from their cells") {
  // Rows and columns 0 to 5 are foreground; columns from 6 on are ignored.
  const auto ignored = box(16, 16, 0, 6, 16, 16), mask = box(16, 16, 0, 0, 6, 6);
  for (const FitKind fit : {FitKind::squash, FitKind::letterbox}) {
    std::vector<float> target(16), weight(16);
    grid_target(mask, {fit, 16, 16, 16}, TargetKind::area, target);
    ignore_in_target(ignored, {fit, 16, 16, 16}, TargetKind::area, target, weight);
    // Cells' bounds are 0, 3, 8, 13, 16: 3 columns of 5 of the second one count, and of its rows 3 are
    // foreground.
    const std::vector<float> weights{1, 0.6f, 0, 0, 1, 0.6f, 0, 0, 1, 0.6f, 0, 0, 1, 0.6f, 0, 0};
    const std::vector<float> targets{1, 1, 0, 0, 0.6f, 0.6f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (std::size_t i = 0; i < 16; ++i) {
      CHECK(weight[i] == Approx(weights[i]).margin(1e-6));
      CHECK(target[i] == Approx(targets[i]).margin(1e-6));
    }
    grid_target(mask, {fit, 16, 16, 16}, TargetKind::nearest, target);
    ignore_in_target(ignored, {fit, 16, 16, 16}, TargetKind::nearest, target, weight);
    CHECK(weight == std::vector<float>{1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0});
    CHECK(target == std::vector<float>{1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  }
  // Cells of 173 x 173 pixels, whose shares are rounded: all that is ignored weighs exactly nothing.
  const std::vector<std::uint8_t> all(346 * 346, 1);
  std::vector<float> target(4, 0.5f), weight(4, 1.0f);
  ignore_in_target(all, {FitKind::squash, 346, 346, 8}, TargetKind::area, target, weight);
  CHECK((target == std::vector<float>(4, 0) && weight == target));
  // Outside of a letterboxed picture there is background, which counts.
  const std::vector<std::uint8_t> picture(8 * 16, 1);
  std::vector<float> boxed_target(16), boxed(16);
  ignore_in_target(picture, {FitKind::letterbox, 8, 16, 16}, TargetKind::area, boxed_target, boxed);
  CHECK((boxed[0] == 1 && boxed[15] == 1));
  CHECK(boxed[5] == Approx(0.2));  // a row of 5 is outside
  CHECK(boxed[10] == Approx(0.2));
  CHECK(error_of([&] {
          ignore_in_target(all, {FitKind::squash, 346, 346, 8}, TargetKind::area, target, boxed);
        }) ==
        "ignore_in_target: sizes do not fit; got 4 cells of the target and 16 of the weight; expected the "
        "same");
}

TEST_CASE("transform: a crop and a flip move what is ignored with the picture") {
  const Image image = map_of_places(16, 16);
  // Foreground on the left, ignored on the right.
  const auto mask = box(16, 16, 0, 0, 16, 8), ignored = box(16, 16, 0, 8, 16, 16);
  const Transform augment({.preset = "augment", .size = 16});
  std::vector<float> pixels(16 * 16 * 3), target(16), weight(16);
  bool mirrored = false;
  for (std::uint64_t n = 0; n < 20; ++n) {
    SampleRandom random(1, 0, n, 0);
    std::string text = "thing";
    mirrored |= augment
                    .apply(image, mask, Granularity::coarse, text, random, pixels, target,
                           {.mask = ignored, .weight = weight})
                    .flip;
    for (std::size_t i = 0; i < 16; ++i) CHECK(target[i] == (weight[i] > 0 ? Approx(1) : Approx(0)));
  }
  CHECK(mirrored);
}

TEST_CASE("transform: presets") {
  const Image image = map_of_places(16, 16);
  const auto mask = box(16, 16, 0, 0, 6, 10);
  std::vector<float> pixels(16 * 16 * 3), target(16), other(pixels.size());
  std::string text = "left thing";
  SampleRandom random(1, 0, 0, 0);
  const Transform plain({.preset = "plain", .size = 16});
  plain.apply(image, mask, Granularity::fine, text, random, pixels, target);
  CHECK(text == "left thing");
  CHECK(target[2] == Approx(0.4));
  CHECK(pixels[3 * 17] == Approx((1 / 255.0 - 0.48145466) / 0.26862954));
  plain.apply(image, other);
  CHECK(other == pixels);
  CHECK((Transform({}).side() == 480 && Transform({}).cells() == 120 && !Transform({}).is_random()));
  CHECK(Transform({}).fit(3, 4).kind == FitKind::letterbox);
  CHECK(Transform({.preset = "augment", .fit = "letterbox"}).fit(3, 4).kind == FitKind::letterbox);
  const Transform augment({.preset = "augment", .size = 16});
  CHECK((augment.is_random() && augment.fit(3, 4).kind == FitKind::squash));
  for (std::uint64_t n = 0; n < 20; ++n) {
    SampleRandom one(1, 0, n, 0), same(1, 0, n, 0);
    std::string first = "left thing", second = first;
    augment.apply(image, mask, Granularity::fine, first, one, pixels, target);
    std::vector<float> again(16);
    augment.apply(image, mask, Granularity::fine, second, same, other, again);
    CHECK((first == second && pixels == other && target == again));
    // The object is on the side that the text says.
    const auto left = target[0] + target[4], right = target[3] + target[7];
    CHECK((first == "left thing" ? left > right : left < right));
  }
  CHECK(error_of([] { Transform({.size = 30}); }) ==
        "transform.size: wrong side; got 30; expected a multiple of 4");
  CHECK(error_of([] { Transform({.preset = "none"}); }) ==
        "transform.preset: unknown word; got 'none'; expected cris, plain or augment");
  TransformConfig config;
  transform_table().set(config, "preset=augment");
  CHECK(error_of([&] { transform_table().set(config, "flip=2"); }) != "");
}
