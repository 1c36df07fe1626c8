// SPDX-License-Identifier: Apache-2.0
// Sums, means and maxima over dimensions.
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

// x: floating, any shape and strides. `dims`: which dimensions go (negative ones count from the last); empty
// means all of them. The result has no such dimensions, or sizes of 1 where `keep`. float32 and half types
// are added up in float64 and rounded once. Differentiable.

/// Sum over `dims`; 0 where nothing is summed.
Tensor sum(const Tensor& x, const Dims& dims = {}, bool keep = false);
/// Sum over `dims` by the number of elements; NaN where there is none, as in PyTorch.
Tensor mean(const Tensor& x, const Dims& dims = {}, bool keep = false);
/// Largest element over `dims`; NaN where one is NaN; elements that are equally large share the gradient, as
/// in PyTorch's amax. Raises Error where a reduced dimension is empty.
Tensor amax(const Tensor& x, const Dims& dims = {}, bool keep = false);

/// Undoes broadcasting: sums x over what `shape` lacks or has as 1. Not recorded: for gradient functions.
Tensor sum_to(Tensor x, const Shape& shape);

}  // namespace uls
