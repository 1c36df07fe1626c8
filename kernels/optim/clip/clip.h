// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <vector>

#include "kernels/optim/step_values.h"

namespace uls {

/// Measures all gradients together, and writes into `values`, for the optimizers that read them there:
///   gradient_norm = |gradient_scale| sqrt(sum of squares),
///   clip_factor = min(1, max_norm / (gradient_norm + 1e-6)), as torch.nn.utils.clip_grad_norm_,
///   skip = 1 where a gradient is not finite, else 0.
/// The gradients stay as they are. Squares are summed in float64, in the order of the list.
/// gradients: float32, contiguous, on the device of values. max_norm > 0; infinity for no clipping.
void clip_(Tensor& values, const std::vector<Tensor>& gradients,
           double max_norm = std::numeric_limits<double>::infinity());

}  // namespace uls
