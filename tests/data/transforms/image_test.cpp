// SPDX-License-Identifier: Apache-2.0
// The way in and the way back, against what the reference's code and OpenCV make.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <random>

#include "data/format/image.h"
#include "data/transforms/axis_warp.h"
#include "data/transforms/fit.h"
#include "data/transforms/mask_back.h"
#include "data/transforms/normalise.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

template <typename T>
std::vector<T> values_of(const Tensor& tensor) {
  return {tensor.data<T>(), tensor.data<T>() + tensor.numel()};
}

double largest_gap(const Affine& ours, const std::vector<double>& theirs) {
  double gap = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) gap = std::max(gap, std::abs(ours[i] - theirs.at(i)));
  return gap;
}

// Every step-th row and column of [side, side, channels], as [channels, n, n].
template <typename T>
std::vector<T> slice_of(const std::vector<T>& values, std::int64_t side, std::int64_t channels,
                        std::int64_t step) {
  std::vector<T> slice;
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t y = 0; y < side; y += step)
      for (std::int64_t x = 0; x < side; x += step)
        slice.push_back(values[std::size_t((y * side + x) * channels + c)]);
  return slice;
}

double largest_gap(const std::vector<float>& ours, const std::vector<float>& theirs) {
  REQUIRE(ours.size() == theirs.size());
  double gap = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) gap = std::max(gap, double(std::abs(ours[i] - theirs[i])));
  return gap;
}

void replay(const GoldenCase& golden) {
  const std::string stem = golden_path("image");
  const auto file = [&](const char* what) {
    return stem.substr(0, stem.rfind('/') + 1) + golden.name() + "_" + what + ".png";
  };
  const auto number = [&](const char* key) { return golden.info().at(key).as_int64(); };
  const Image image = read_image(file("input")), mask = read_grey(file("mask"));
  const Fit fit{FitKind::letterbox, image.height, image.width, number("input_size")};
  CHECK(largest_gap(letterbox_matrix(fit), values_of<double>(golden.get("mat"))) < 1e-12);
  CHECK(largest_gap(letterbox_inverse(fit), values_of<double>(golden.get("mat_inverse"))) < 1e-12);

  const Image input = fit_image(image, fit);
  CHECK(input.pixels == read_image(file("letterbox")).pixels);
  std::vector<float> normalised(input.pixels.size());
  normalise(input.pixels.data(), fit.side * fit.side, normalised.data());
  CHECK(largest_gap(slice_of(normalised, fit.side, 3, number("normalised_slice_step")),
                    values_of<float>(golden.get("normalised"))) <= 1e-6);

  const Tensor logits = golden.get("logits");
  const std::int64_t map_side = logits.size(-1);
  const std::vector<float> map = values_of<float>(logits);
  const std::vector<float> upsampled = upsample_map(map, map_side, fit.side);
  CHECK(largest_gap(slice_of(upsampled, fit.side, 1, number("upsampled_slice_step")),
                    values_of<float>(golden.get("upsampled"))) <= 1e-6);
  const std::vector<float> probability = probability_map(map, map_side, fit);
  const std::vector<float> expected = values_of<float>(golden.get("probability"));
  CHECK(largest_gap(probability, expected) <= 1e-6);
  std::vector<std::uint8_t> bytes = threshold_mask(probability);
  for (std::uint8_t& byte : bytes) byte = std::uint8_t(byte * 255);
  CHECK(bytes == mask.pixels);
  // The case has pixels that would tell another interpolation.
  CHECK(std::ranges::count_if(expected, [](float p) { return std::abs(p - kMaskThreshold) < 1e-3; }) ==
        number("near_threshold"));

  for (const auto& [key, how] :
       {std::pair{"target_linear", MaskWarp::linear}, std::pair{"target_nearest", MaskWarp::nearest}})
    CHECK(warp_mask(mask.pixels, mask.height, mask.width, inverted(letterbox_matrix(fit)), fit.side, how,
                    number("target_slice_step")) == values_of<std::uint8_t>(golden.get(key)));
}

Image noise(std::int64_t height, std::int64_t width, std::uint32_t seed) {
  std::mt19937 random(seed);
  Image image{height, width, 3, std::vector<std::uint8_t>(std::size_t(height * width * 3))};
  for (std::uint8_t& byte : image.pixels)
    byte = std::uint8_t(random() % 5 == 0 ? 255 * (random() % 2) : random());
  return image;
}

}  // namespace

TEST_CASE("image: letterbox and way back are the reference's", "[golden]") {
  ULS_REPLAY_GOLDEN("image", replay);
}

TEST_CASE("image: warps equal OpenCV's on any size, bit for bit") {
  std::mt19937 random(7);
  for (int round = 0; round < 120; ++round) {
    const auto size = [&](std::uint32_t most) { return std::int64_t(1 + random() % most); };
    const Fit fit{FitKind::letterbox, size(round % 2 ? 400 : 40), size(round % 3 ? 500 : 30), size(300)};
    INFO(fit.height << " x " << fit.width << " to " << fit.side);
    const Image image = noise(fit.height, fit.width, std::uint32_t(round));
    Affine matrix = letterbox_matrix(fit);
    cv::Mat m(2, 3, CV_64F, matrix.data()), expected;
    cv::warpAffine(cv::Mat(int(fit.height), int(fit.width), CV_8UC3, const_cast<std::uint8_t*>(image.row(0))),
                   expected, m, {int(fit.side), int(fit.side)}, cv::INTER_CUBIC, cv::BORDER_CONSTANT,
                   cv::Scalar(123, 117, 104));
    REQUIRE(fit_image(image, fit).pixels ==
            std::vector<std::uint8_t>(expected.data, expected.data + expected.total() * 3));

    std::vector<std::uint8_t> mask(std::size_t(fit.height * fit.width));
    for (std::uint8_t& byte : mask) byte = random() % 2 ? 255 : 0;
    for (const auto& [how, flag] :
         {std::pair{MaskWarp::linear, cv::INTER_LINEAR}, std::pair{MaskWarp::nearest, cv::INTER_NEAREST}}) {
      cv::warpAffine(cv::Mat(int(fit.height), int(fit.width), CV_8U, mask.data()), expected, m,
                     {int(fit.side), int(fit.side)}, flag);
      REQUIRE(warp_mask(mask, fit.height, fit.width, inverted(matrix), fit.side, how) ==
              std::vector<std::uint8_t>(expected.data, expected.data + expected.total()));
    }
  }
}

TEST_CASE("image: normalisation of every byte") {
  std::vector<std::uint8_t> bytes(256 * 3);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::uint8_t(i / 3);
  std::vector<float> values(bytes.size());
  normalise(bytes.data(), 256, values.data());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const double exact = (double(bytes[i]) / 255 - double(kClipMean[i % 3])) / double(kClipStd[i % 3]);
    CHECK(std::abs(double(values[i]) - exact) <= 5e-7);
  }
}

TEST_CASE("image: squashing copies, averages areas, and comes back") {
  const Image image = noise(32, 32, 1);
  CHECK(fit_image(image, {FitKind::squash, 32, 32, 32}).pixels == image.pixels);
  const Image half = fit_image(image, {FitKind::squash, 32, 32, 16});
  for (std::int64_t y = 0; y < 16; ++y)
    for (std::int64_t i = 0; i < 48; ++i) {
      const std::int64_t x = i / 3 * 6 + i % 3;
      const int sum = image.row(2 * y)[x] + image.row(2 * y)[x + 3] + image.row(2 * y + 1)[x] +
                      image.row(2 * y + 1)[x + 3];
      REQUIRE(std::abs(4 * half.row(y)[i] - sum) <= 2);
    }
  std::vector<float> map(64);
  for (std::size_t i = 0; i < 64; ++i) map[i] = float(i % 8);
  CHECK(unfit_map(map, {FitKind::squash, 8, 8, 8}) == map);
  const std::vector<float> wide = unfit_map(map, {FitKind::squash, 8, 16, 8});
  CHECK(wide[0] == 0);
  CHECK(wide[5] == Approx(2.25));
  CHECK(wide[15] == 7);
}

TEST_CASE("image: sizes that do not fit are refused") {
  const Image image = noise(4, 4, 1);
  CHECK(error_of([&] {
          fit_image(image, {FitKind::letterbox, 4, 5, 8});
        }) == "fit: another image; got 4x4x3; expected 4x5x3");
  CHECK(error_of([&] {
          fit_image(image, {FitKind::letterbox, 4, 4, 40000});
        }) == "fit: size out of range; got an image of 4x4 and a side of 40000; expected 1 to 32766");
  CHECK(error_of([&] {
          unfit_map(std::vector<float>(3), {FitKind::squash, 4, 4, 2});
        }) == "fit: another map; got 3 values; expected 2x2");
  CHECK(error_of([&] { upsample_map(std::vector<float>(3), 2, 4); }) ==
        "upsample_map: another size; got 3 values; expected 2x2 for a side of 4");
  CHECK(error_of([] { parse_fit("box"); }) == "fit: unknown word; got 'box'; expected letterbox or squash");
}
