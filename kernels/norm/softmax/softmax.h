// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// exp(x_i) / sum_j exp(x_j) along `dim`, with the maximum subtracted first.
/// x: floating, any shape and strides. Returns its shape, contiguous. Differentiable. Rows whose elements are
/// all -infinity give NaN, as in PyTorch.
Tensor softmax(const Tensor& x, int dim = -1);

}  // namespace uls
