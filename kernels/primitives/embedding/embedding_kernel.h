// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// All contiguous. table, dtable: [V, C], ids: int64 [...], y, dy: [..., C] of the table's type.
// y[..., :] = table[ids[...], :]. An id outside of [0, V) raises Error.
extern KernelSlot<void(const Tensor& table, const Tensor& ids, Tensor& y)> embedding;
// dtable[v, :] = the sum of dy's rows whose id is v, in the order of their places; += where `add`.
extern KernelSlot<void(const Tensor& ids, const Tensor& dy, bool add, Tensor& dtable)> embedding_grad;

}  // namespace uls::slots
