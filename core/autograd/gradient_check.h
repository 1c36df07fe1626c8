// SPDX-License-Identifier: Apache-2.0
// Gradients against central differences in float64: the oracle that needs no second implementation.
#pragma once

#include "core/autograd/checkpoint.h"

namespace uls {

struct GradientCheck {
  double largest_error = 0;  // |analytic - numeric| / max(|numeric|, 1); infinity for a NaN
  int input = -1;            // where it was found
  std::int64_t element = -1;
  double analytic = 0, numeric = 0;
};

/// Differentiates sum_i <cotangent_i, fn(inputs)_i> for fixed pseudo-random cotangents in [-1, 1).
/// `inputs` are float64 on the CPU where they require grad; others (indices, masks) are passed through.
/// Keep inputs at least 10 * step away from kinks. Costs two calls of fn for each element.
GradientCheck check_gradients(const TensorFunction& fn, const std::vector<Tensor>& inputs,
                              double step = 1e-5);

}  // namespace uls
