// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// op(a) op(b), where op transposes if asked.
/// a: [m, k] or [k, m], b: [k, n] or [n, k], of one floating type; any strides. Returns [m, n], contiguous.
/// Products are summed in float32 (float64 for float64). Differentiable.
Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

}  // namespace uls
