// SPDX-License-Identifier: Apache-2.0
#include "eval/metrics/referring.h"

#include <limits>

#include "core/base/error.h"
#include "eval/metrics/score_json.h"

namespace uls {
namespace {

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

MaskCounts count_masks(const std::vector<std::uint8_t>& prediction, const std::vector<std::uint8_t>& truth) {
  ULS_CHECK(prediction.size() == truth.size(), "metrics: masks of other sizes; got {} pixels; expected {}",
            prediction.size(), truth.size());
  MaskCounts counts{.empty_truth = true, .empty_prediction = true};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const bool p = prediction[i] != 0, t = truth[i] != 0;
    counts.intersection += p && t;
    counts.either += p || t;
    counts.empty_truth &= !t;
    counts.empty_prediction &= !p;
  }
  return counts;
}

ReferringScores referring_scores(const std::vector<MaskCounts>& expressions) {
  ReferringScores scores{.expressions = std::int64_t(expressions.size())};
  double ious = 0, intersections = 0, unions = 0;
  for (const MaskCounts& counts : expressions) {
    const double iou = counts.iou();
    ious += iou;
    intersections += double(counts.intersection);
    unions += double(counts.either);
    for (std::size_t i = 0; i < scores.above.size(); ++i) {
      scores.above[i] += iou > ReferringScores::kThresholds[i];
      scores.at_least[i] += iou >= ReferringScores::kThresholds[i];
    }
  }
  const double count = double(expressions.size());
  scores.mean_iou = ratio(ious, count);
  scores.overall_iou = ratio(intersections, unions);
  for (double& share : scores.above) share = ratio(share, count);
  for (double& share : scores.at_least) share = ratio(share, count);
  return scores;
}

GeneralizedScores generalized_scores(const std::vector<MaskCounts>& expressions) {
  constexpr std::array<double, 3> kThresholds{0.7, 0.8, 0.9};
  GeneralizedScores scores;
  double ious = 0, intersections = 0, unions = 0, with = 0, found = 0, without = 0, rejected = 0;
  for (const MaskCounts& counts : expressions) {
    intersections += double(counts.intersection);
    unions += double(counts.either);
    if (counts.empty_truth) {
      ++without;
      rejected += counts.empty_prediction;
      ious += counts.empty_prediction;
    } else {
      ++with;
      found += !counts.empty_prediction;
      ious += counts.iou();
      for (std::size_t i = 0; i < kThresholds.size(); ++i)
        scores.at_least[i] += counts.iou() >= kThresholds[i];
    }
  }
  scores.g_iou = ratio(ious, double(expressions.size()));
  scores.c_iou = ratio(intersections, unions);
  scores.n_accuracy = ratio(rejected, without);
  scores.t_accuracy = ratio(found, with);
  for (double& share : scores.at_least) share = ratio(share, with);
  return scores;
}

Json to_json(const ReferringScores& scores) {
  return Json::object({{"expressions", scores.expressions},
                       {"mean_iou", score_json(scores.mean_iou)},
                       {"overall_iou", score_json(scores.overall_iou)},
                       {"thresholds", score_json(ReferringScores::kThresholds)},
                       {"above", score_json(scores.above)},
                       {"at_least", score_json(scores.at_least)}});
}

Json to_json(const GeneralizedScores& scores) {
  return Json::object({{"g_iou", score_json(scores.g_iou)},
                       {"c_iou", score_json(scores.c_iou)},
                       {"n_accuracy", score_json(scores.n_accuracy)},
                       {"t_accuracy", score_json(scores.t_accuracy)},
                       {"at_least_0.7_0.8_0.9", score_json(scores.at_least)}});
}

}  // namespace uls
