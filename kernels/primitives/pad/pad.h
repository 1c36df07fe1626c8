// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// Zeros around x: before[d] of them ahead of dimension d, and after[d] behind it.
/// x: any type, shape and strides; before, after: a number of at least 0 for each dimension. Returns x itself
/// where all are 0, else a contiguous tensor. Differentiable.
Tensor pad(const Tensor& x, const Dims& before, const Dims& after);

/// Overwrites y, which has no history, with x at `before` and zeros elsewhere. Not recorded: for other ops.
void write_padded(const Tensor& x, const Dims& before, Tensor& y);

}  // namespace uls
