// SPDX-License-Identifier: Apache-2.0
// Which values of a run's log are drawn together.
#pragma once

#include <string>
#include <vector>

#include "core/json/json.h"
#include "train/report/line_chart.h"

namespace uls {

/// One chart with what it shows; of several runs the first is drawn through, the second dashed.
struct RunChart {
  ChartOptions options{};
  std::vector<Curve> curves{};
};

/// Of the lines of each run's metrics.jsonl. Values that are related share a chart: "loss" and "loss/<task>",
/// say. Charts come in the order in which one looks at them; values that are
/// not known here have one behind.
std::vector<RunChart> run_charts(const std::vector<std::vector<Json>>& runs);

}  // namespace uls
