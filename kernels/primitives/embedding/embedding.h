// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// y[..., :] = table[ids[...], :].
/// table: [V, C], floating. ids: int64 of any shape, on the table's device; one outside of [0, V) is an Error
/// that names it and its place. Any strides. Returns [..., C] of the table's type, contiguous.
/// Differentiable in the table: the gradients of an id's places add up in their order, in float32 (float64
/// for float64), rounded once.
Tensor embedding(const Tensor& table, const Tensor& ids);

}  // namespace uls
