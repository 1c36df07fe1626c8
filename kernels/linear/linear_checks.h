// SPDX-License-Identifier: Apache-2.0
// What every room with a linear layer asks of its arguments.
#pragma once

#include "kernels/common/checks.h"

namespace uls::kernels {

/// weight: [out, in] and bias: [out] of x's type; bias may be undefined. `in` is the size of what is
/// multiplied.
inline void check_linear(const char* op, const Tensor& x, std::int64_t in, const Tensor& weight,
                         const Tensor& bias) {
  check_same_kind(op, "weight", weight, x);
  ULS_CHECK(weight.rank() == 2, "{}: weight is not a matrix; got {}; expected [out, in]", op,
            to_string(weight.shape()));
  ULS_CHECK(in == weight.size(1),
            "{}: x and weight do not fit; got {} and {}; expected {} as the last size of x", op,
            to_string(x.shape()), to_string(weight.shape()), weight.size(1));
  if (!bias) return;
  check_same_kind(op, "bias", bias, x);
  check_shape(op, "bias", bias, {weight.size(0)});
}

}  // namespace uls::kernels
