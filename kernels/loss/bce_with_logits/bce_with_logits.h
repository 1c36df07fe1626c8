// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// Mean over all elements of -t log p - (1 - t) log(1 - p), p = sigmoid(logit), as PyTorch's
/// binary_cross_entropy_with_logits; NaN where there is no element.
/// logits, target: one shape, floating types of their own, any strides; target in [0, 1], without history.
/// Returns [] of logits' type. Differentiable in logits.
Tensor bce_with_logits(const Tensor& logits, const Tensor& target);

}  // namespace uls
