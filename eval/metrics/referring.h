// SPDX-License-Identifier: Apache-2.0
// Scores of masks for expressions: every convention that the field's papers use, from the same counts.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/json/json.h"

namespace uls {

/// Pixels of one expression: both of the prediction and the truth, and either.
struct MaskCounts {
  std::int64_t intersection = 0, either = 0;
  bool empty_truth = false, empty_prediction = false;

  /// intersection / either, and 0 where neither has a pixel (LAVT test.py, ReLA refer_evaluation.py).
  double iou() const { return either ? double(intersection) / double(either) : 0; }
};

/// Both [n], nonzero is foreground. Raises Error for sizes that differ.
MaskCounts count_masks(const std::vector<std::uint8_t>& prediction, const std::vector<std::uint8_t>& truth);

/// How a paper turns counts into its table. Values are fractions, not percent.
struct ReferringScores {
  static constexpr std::array<double, 5> kThresholds{0.5, 0.6, 0.7, 0.8, 0.9};

  std::int64_t expressions = 0;
  double mean_iou = 0;               // of all expressions (CRIS: "IoU")
  double overall_iou = 0;            // sum of intersections / sum of unions (LAVT, ReLA: "oIoU", "cIoU")
  std::array<double, 5> above{};     // share with iou > threshold, strictly (CRIS: "Pr@X")
  std::array<double, 5> at_least{};  // share with iou >= threshold (LAVT)
};

ReferringScores referring_scores(const std::vector<MaskCounts>& expressions);

/// gRefCOCO, where an expression may have no target (Liu, Ding, Jiang 2023; ReLA). "No target" is predicted
/// where the mask has fewer than a stated number of pixels; the caller counts such a mask as empty.
struct GeneralizedScores {
  double g_iou = 0;       // mean; an empty truth counts 1 where the prediction is empty too, else 0
  double c_iou = 0;       // sum of intersections / sum of unions; where the prediction or the truth alone is
                          // empty, its partner's pixels stay in the union
  double n_accuracy = 0;  // of expressions without a target the share predicted empty; NaN without such
  double t_accuracy = 0;  // of those with one the share predicted not empty; NaN without such
  std::array<double, 3> at_least{};  // iou >= 0.7, 0.8, 0.9 among those with a target
};

GeneralizedScores generalized_scores(const std::vector<MaskCounts>& expressions);

Json to_json(const ReferringScores& scores);
Json to_json(const GeneralizedScores& scores);

}  // namespace uls
