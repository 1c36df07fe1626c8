// SPDX-License-Identifier: Apache-2.0
// What a list of timings says: the middle and how far it spreads.
#pragma once

#include <vector>

namespace uls {

struct Spread {
  double median = 0, low = 0, high = 0;  // low and high: quartiles
  double least = 0, most = 0;
};

/// Raises Error for an empty list.
Spread spread_of(std::vector<double> values);

}  // namespace uls
