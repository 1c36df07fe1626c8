// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// All contiguous. x, dx: [B, L, C] and y, dy: [B, C] of one type, index: int64 [B].
// y[b, :] = x[b, index[b], :]. An index outside of [0, L) raises Error.
extern KernelSlot<void(const Tensor& x, const Tensor& index, Tensor& y)> take_rows;
// dx[b, index[b], :] = dy[b, :], and 0 elsewhere.
extern KernelSlot<void(const Tensor& index, const Tensor& dy, Tensor& dx)> take_rows_grad;
// ids: int64 [..., L] with L >= 1, first: int64 [...].
extern KernelSlot<void(const Tensor& ids, Tensor& first)> first_of_largest;

}  // namespace uls::slots
