// SPDX-License-Identifier: Apache-2.0
// What answers without any understanding score on a set: the figures that a trained model has to beat.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/format/dataset.h"

namespace uls {

/// nothing: no pixel. everything: every region. colour: the regions of the colour that the sentence names
/// first (by their sources' "colour"), every region where it names none.
enum class Baseline : std::uint8_t { nothing, everything, colour };
inline constexpr std::array kBaselineNames{"nothing", "everything", "colour"};

struct BaselineScore {
  std::int64_t intersection = 0, united = 0;  // pixels, summed over sentences
  std::int64_t over_half = 0;                 // sentences of IoU over 0.5; both empty counts as 1

  double overall_iou() const { return united ? double(intersection) / double(united) : 1; }
};

/// Sentences of one task and kind; kind "" is the task as a whole.
struct BaselineRow {
  Task task{};
  std::string kind{};
  std::int64_t sentences = 0;
  std::array<BaselineScore, kBaselineNames.size()> scores{};
  /// Mean over the different sentences of the IoU pooled over each: for classes ("all circles").
  std::array<double, kBaselineNames.size()> mean_iou{};
};

/// By task and kind, of one split or, where it is "", of all. Raises Error for a split that the set lacks.
std::vector<BaselineRow> baseline_rows(const Dataset& set, const std::string& split);

}  // namespace uls
