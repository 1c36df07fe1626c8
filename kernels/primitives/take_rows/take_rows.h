// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// y[b, :] = x[b, index[b], :].
/// x: [B, L, C], floating. index: int64 [B], on x's device; a row outside of [0, L) is an Error that names it
/// and its place. Any strides. Returns [B, C] of x's type, contiguous. Differentiable in x.
Tensor take_rows(const Tensor& x, const Tensor& index);

/// The first position of the largest id in each row: where a sentence ends, since CLIP's end token has the
/// largest id. ids: int64 [..., L] with L >= 1, any strides. Returns int64 [...]. Not differentiable.
Tensor first_of_largest(const Tensor& ids);

}  // namespace uls
