// SPDX-License-Identifier: Apache-2.0
#include "eval/metrics/referring.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "tests/support/support.h"

namespace uls {
namespace {

MaskCounts counts(std::int64_t intersection, std::int64_t either) {
  return {.intersection = intersection, .either = either};
}

TEST_CASE("referring: counts of masks") {
  const MaskCounts some = count_masks({1, 255, 0, 0}, {0, 1, 1, 0});
  CHECK(some.intersection == 1);
  CHECK(some.either == 3);
  CHECK_FALSE(some.empty_truth);
  CHECK_FALSE(some.empty_prediction);
  const MaskCounts none = count_masks({0, 0}, {0, 0});
  CHECK(none.empty_truth);
  CHECK(none.empty_prediction);
  CHECK(none.iou() == 0);
  CHECK(test::error_of([] {
          count_masks({0}, {0, 1});
        }) == "metrics: masks of other sizes; got 1 pixels; expected 2");
}

TEST_CASE("referring: mean and overall IoU, and both readings of a threshold") {
  const ReferringScores scores =
      referring_scores({counts(5, 10), counts(90, 100), counts(0, 0), counts(7, 8)});
  CHECK(scores.expressions == 4);
  CHECK(scores.mean_iou == Approx((0.5 + 0.9 + 0 + 0.875) / 4));
  CHECK(scores.overall_iou == Approx(102.0 / 118));
  // 0.5 lies at the first threshold, 0.9 at the last.
  CHECK(scores.above == std::array<double, 5>{0.5, 0.5, 0.5, 0.5, 0});
  CHECK(scores.at_least == std::array<double, 5>{0.75, 0.5, 0.5, 0.5, 0.25});
}

TEST_CASE("referring: nothing to score is not a number, and null in JSON") {
  const ReferringScores scores = referring_scores({});
  CHECK(std::isnan(scores.mean_iou));
  CHECK(to_json(scores).at("overall_iou").is_null());
}

TEST_CASE("referring: expressions without a target") {
  const MaskCounts rejected{.empty_truth = true, .empty_prediction = true},
      imagined{.either = 40, .empty_truth = true}, overlooked{.either = 60, .empty_prediction = true};
  const GeneralizedScores scores = generalized_scores({rejected, imagined, overlooked, counts(80, 100)});
  CHECK(scores.g_iou == Approx((1 + 0 + 0 + 0.8) / 4));
  CHECK(scores.c_iou == Approx(80.0 / 200));
  CHECK(scores.n_accuracy == Approx(0.5));
  CHECK(scores.t_accuracy == Approx(0.5));
  CHECK(scores.at_least == std::array<double, 3>{0.5, 0.5, 0});
  CHECK(std::isnan(generalized_scores({counts(1, 1)}).n_accuracy));
}

}  // namespace
}  // namespace uls
