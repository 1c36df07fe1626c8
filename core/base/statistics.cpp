// SPDX-License-Identifier: Apache-2.0
#include "core/base/statistics.h"

#include <algorithm>

#include "core/base/error.h"

namespace uls {

Spread spread_of(std::vector<double> values) {
  ULS_CHECK(!values.empty(), "spread_of: nothing to describe; got 0 values; expected at least one");
  std::sort(values.begin(), values.end());
  // Linear between neighbours, as NumPy's percentile.
  const auto quantile = [&](double fraction) {
    const double place = fraction * double(values.size() - 1);
    const std::size_t below = std::size_t(place), above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - double(below)) * (values[above] - values[below]);
  };
  return {quantile(0.5), quantile(0.25), quantile(0.75), values.front(), values.back()};
}

}  // namespace uls
