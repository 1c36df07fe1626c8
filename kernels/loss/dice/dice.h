// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// Mean over the samples (the first dimension) of 1 - (2 sum(p t) + 1) / (sum p + sum t + 1) with
/// p = sigmoid(logit) (Milletari et al., "V-Net", 2016, smoothed by 1). NaN where there is no sample, 0 for
/// samples without elements.
/// logits, target: one shape [B, ...], floating types of their own, any strides; target in [0, 1], without
/// history. Returns [] of logits' type. Differentiable in logits.
Tensor dice(const Tensor& logits, const Tensor& target);

}  // namespace uls
