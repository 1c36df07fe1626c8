// SPDX-License-Identifier: Apache-2.0
// The probability of a logit and its logarithms, without cancellation and without overflow, for all devices.
#pragma once

#include <cmath>

#include "core/device/host_device.h"
#include "kernels/common/fast_math.h"

namespace uls::kernels {

/// log(1 + e) for e in [0, 1] within 3 units in the last place: 2 artanh(s) with s = e / (2 + e) <= 1/3.
ULS_HD inline float log_one_plus(float e) {
  const float s = e / (2.0f + e), q = s * s;
  float p = 1.0f / 15;  // of the odd series; the next term is below 2^-29
  p = p * q + 1.0f / 13;
  p = p * q + 1.0f / 11;
  p = p * q + 1.0f / 9;
  p = p * q + 1.0f / 7;
  p = p * q + 1.0f / 5;
  p = p * q + 1.0f / 3;
  return 2.0f * s + 2.0f * s * (q * p);
}
ULS_HD inline double log_one_plus(double e) { return std::log1p(e); }

/// Of the logit x, with e = exp(-|x|) <= 1:
template <typename A>
struct LogitParts {
  A p, q;            // sigmoid(x) and 1 - sigmoid(x), each with all its digits
  A cost_p, cost_q;  // -log p = max(-x, 0) + log(1 + e), -log q = max(x, 0) + log(1 + e)

  ULS_HD explicit LogitParts(A x) {
    const A e = fast_exp(-std::abs(x)), likely = A(1) / (A(1) + e), unlikely = e * likely;
    const A tail = log_one_plus(e);
    p = x < A(0) ? unlikely : likely;
    q = x < A(0) ? likely : unlikely;
    cost_p = (x < A(0) ? -x : A(0)) + tail;
    cost_q = (x > A(0) ? x : A(0)) + tail;
  }
  /// Binary cross-entropy with the target t in [0, 1], and its slope p - t.
  ULS_HD A cost(A t) const { return t * cost_p + (A(1) - t) * cost_q; }
  ULS_HD A slope(A t) const { return (A(1) - t) * p - t * q; }
  /// How far p and t disagree: p + t - 2 p t = 1 - p_t, and its slope.
  ULS_HD A miss(A t) const { return (A(1) - t) * p + t * q; }
  ULS_HD A miss_slope(A t) const { return p * q * (A(1) - A(2) * t); }
};

}  // namespace uls::kernels
