// SPDX-License-Identifier: Apache-2.0
// Views and conversions that are differentiable. Views share memory with x.
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// The same elements in another shape; one size may be -1. A view where the layout allows it, else a copy.
Tensor reshape(const Tensor& x, const Shape& shape);
/// Dimension i of the result is dims[i] of x.
Tensor permute(const Tensor& x, const Dims& dims);
Tensor transpose(const Tensor& x, int a, int b);
/// Elements first, first + step, ... below last, along `dim`; negative bounds count from the end.
Tensor slice(const Tensor& x, int dim, std::int64_t first, std::int64_t last, std::int64_t step = 1);
/// Sizes of 1 repeated to `shape`, without a copy.
Tensor expand(const Tensor& x, const Shape& shape);
/// Converted to another floating type; x itself where it has the type.
Tensor cast(const Tensor& x, DType dtype);

}  // namespace uls
