// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// What batch_norm keeps from step to step, under PyTorch's names; a fresh one holds 0, 1 and 0.
struct BatchNormState {
  Tensor running_mean, running_var;  // [C], float32 (float64 for float64), contiguous
  Tensor num_batches_tracked;        // int64 []
};

struct BatchNormOptions {
  bool training = false;
  double momentum = 0.1;  // share of the new batch in the running statistics
  double eps = 1e-5;
};

/// y = (x - mean) / sqrt(var + eps) * weight + bias for each channel, over all dimensions but the last
/// (Ioffe, Szegedy 2015). Training takes mean and biased variance from the batch and moves `state` on in
/// place: running = (1 - momentum) running + momentum batch's, with the unbiased variance, unless the batch
/// is empty. Inference takes the running statistics. A checkpoint that recomputes a training call moves the
/// state twice, as in PyTorch. x: [..., C], floating, any strides. weight, bias: [C] of x's type. Returns x's
/// shape, contiguous. Statistics in float32 (float64 for float64). Differentiable in x, weight and bias.
/// Raises Error where training has one value a channel.
Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, BatchNormState& state,
                  const BatchNormOptions& options);

}  // namespace uls
