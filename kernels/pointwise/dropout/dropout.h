// SPDX-License-Identifier: Apache-2.0
// Dropout (Srivastava et al. 2014) and stochastic depth (Huang et al. 2016). What stays is scaled by
// 1 / (1 - p), so that inference needs nothing.
//
// Masks are never stored: whether an element of a sample stays is a function of the key, the sample's global
// index in the step and the element. Hence the same masks in the gradient, in recomputation, on every device
// and for any split of a step into micro-batches.
//
// x: [B, ...], floating, any strides; dimension 0 counts samples. 0 <= p <= 1: p = 0 gives x itself, p = 1
// zeros. Return x's shape, contiguous. Differentiable.
#pragma once

#include "core/random/random_state.h"
#include "core/tensor/tensor.h"

namespace uls {

/// Each element becomes 0 with probability p.
Tensor dropout(const Tensor& x, double p, const RandomKey& key = RandomState::current().next_key());

/// Each sample becomes 0 as a whole with probability p.
Tensor drop_path(const Tensor& x, double p, const RandomKey& key = RandomState::current().next_key());

/// The plain twin of both, x keep / (1 - p) for a given mask. keep: zeros and ones of x's type, whose shape
/// is x's or its first dimensions ([B] for drop_path); gets no gradient.
Tensor dropout_by_mask(const Tensor& x, const Tensor& keep, double p);

}  // namespace uls
