// SPDX-License-Identifier: Apache-2.0
#include "eval/metrics/label_maps.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/support/support.h"

namespace uls {
namespace {

using Labels = std::vector<std::uint16_t>;

ConfusionMatrix example() {
  ConfusionMatrix matrix(4);
  // Class 2 is predicted and never true; class 3 is neither; the ignored pixel's prediction does not count.
  matrix.add(Labels{0, 0, 1, 2, 1, 3}, Labels{0, 0, 0, 1, 1, 255}, 255);
  return matrix;
}

TEST_CASE("label maps: scores by hand") {
  const LabelMapScores scores = example().scores();
  CHECK(scores.iou[0] == Approx(2.0 / 3));
  CHECK(scores.iou[1] == Approx(1.0 / 3));
  CHECK(std::isnan(scores.iou[2]));
  CHECK(std::isnan(scores.iou[3]));
  CHECK(scores.mean_iou == Approx(0.5));
  CHECK(scores.mean_accuracy == Approx((2.0 / 3 + 0.5) / 2));
  CHECK(scores.pixel_accuracy == Approx(0.6));
  CHECK(scores.frequency_weighted_iou == Approx((3 * 2.0 / 3 + 2 * 1.0 / 3) / 5));
}

TEST_CASE("label maps: an absent class counts where it was predicted, as mmsegmentation does") {
  const LabelMapScores scores = example().scores(AbsentClass::zero_if_predicted);
  CHECK(scores.iou[2] == 0);
  CHECK(std::isnan(scores.iou[3]));
  CHECK(scores.mean_iou == Approx((2.0 / 3 + 1.0 / 3 + 0) / 3));
}

TEST_CASE("label maps: bad labels and sizes are refused") {
  ConfusionMatrix matrix(2);
  CHECK(test::error_of([&] { matrix.add(Labels{2}, Labels{0}, 255); }) ==
        "metrics: label out of range; got truth 0 and prediction 2; expected less than 2");
  CHECK(test::error_of([&] {
          matrix.add(Labels{0}, Labels{0, 1}, 255);
        }) == "metrics: label maps of other sizes; got 1 pixels; expected 2");
  CHECK(test::error_of([] { ConfusionMatrix none(0); }) == "metrics: no classes; got 0; expected at least 1");
}

}  // namespace
}  // namespace uls
