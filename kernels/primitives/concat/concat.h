// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/tensor/tensor.h"

namespace uls {

/// The parts one after the other along `dim` (negative ones count from the last).
/// parts: at least one; of one type and device, and of one shape but for dimension `dim`; any strides.
/// Returns a contiguous tensor. Differentiable in all parts.
Tensor concat(const std::vector<Tensor>& parts, int dim);

}  // namespace uls
