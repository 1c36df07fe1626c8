// SPDX-License-Identifier: Apache-2.0
// When and on what a run scores itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/field.h"

namespace uls {

struct EvalConfig {
  std::int64_t every = 0;           // steps; 0: never
  std::vector<std::string> sets{};  // parse_loader_set(), without weight and cap
  std::int64_t max_targets = 200;   // of each task and set, spread evenly; 0: all
  std::string metric = "iou";       // of a line "eval" in metrics.jsonl; decides which checkpoint is best
  std::int64_t patience = 0;        // evaluations without a better one until the run ends; 0: never

  /// Whether a smaller value of the metric is better.
  bool lower_is_better() const;
};

const FieldTable<EvalConfig>& eval_table();

/// Raises Error for a metric that no evaluation gives, and where there is nothing to evaluate on.
void check(const EvalConfig& config);

}  // namespace uls
