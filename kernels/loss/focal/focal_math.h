// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "kernels/loss/logit_math.h"

namespace uls::kernels {

/// The focal loss of one logit with the target t, and its slope; see focal.h.
template <typename A>
struct FocalFormula {
  A alpha, gamma;

  ULS_HD A weight(A t) const { return alpha * t + (A(1) - alpha) * (A(1) - t); }
  // Above zero, so that powers and quotients are finite where p and t agree to the last digit. A sum, not a
  // choice: the loops stay free of branches.
  ULS_HD static A positive(A m) { return m + std::numeric_limits<A>::min(); }
  ULS_HD A power(A m) const { return fast_exp(gamma * fast_log(m)); }

  ULS_HD A value(const LogitParts<A>& parts, A t) const {
    return weight(t) * power(positive(parts.miss(t))) * parts.cost(t);
  }
  ULS_HD A slope(const LogitParts<A>& parts, A t) const {
    const A m = positive(parts.miss(t));
    return weight(t) * power(m) * (parts.slope(t) + gamma * parts.cost(t) * (parts.miss_slope(t) / m));
  }
};

}  // namespace uls::kernels
