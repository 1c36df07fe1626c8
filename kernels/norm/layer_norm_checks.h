// SPDX-License-Identifier: Apache-2.0
// What every room with a layer norm asks of its arguments.
#pragma once

#include "kernels/common/checks.h"

namespace uls::kernels {

/// x: [..., C], floating. weight, bias: [C] of x's type, or both undefined.
inline void check_layer_norm(const char* op, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_floating(op, "x", x);
  ULS_CHECK(x.rank() >= 1, "{}: no dimension to normalise; got {}; expected at least one", op, describe(x));
  ULS_CHECK(bool(weight) == bool(bias),
            "{}: only one of weight and bias; got {} and {}; expected both or none", op, describe(weight),
            describe(bias));
  if (!weight) return;
  check_same_kind(op, "weight", weight, x);
  check_same_kind(op, "bias", bias, x);
  check_shape(op, "weight", weight, {x.shape().back()});
  check_shape(op, "bias", bias, {x.shape().back()});
}

}  // namespace uls::kernels
