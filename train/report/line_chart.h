// SPDX-License-Identifier: Apache-2.0
// Curves as SVG, for a page that needs no network and no script.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace uls {

struct Curve {
  std::string name;
  std::vector<std::pair<double, double>> points;  // x ascending; points that are not finite leave a gap
  bool dashed = false;                            // of the run that is compared with
};

struct ChartOptions {
  std::string title;
  bool logarithmic = false;  // the vertical axis; values must then be above 0
  bool from_zero = false;    // the vertical axis begins at 0
  std::string unit{};        // behind the numbers of the vertical axis
};

/// One <figure> with the curves, axes and a legend; "" where there is no finite point.
std::string line_chart(const std::vector<Curve>& curves, const ChartOptions& options);

/// Round numbers that cover [low, high]: at least two, about `count`.
std::vector<double> axis_ticks(double low, double high, int count);

}  // namespace uls
