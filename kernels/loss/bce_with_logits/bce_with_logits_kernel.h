// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// logits, dlogits: any shape, contiguous; target: that shape, contiguous, float32 (float64 for float64).
// y, dy: [] of logits' type.
extern KernelSlot<void(const Tensor& logits, const Tensor& target, Tensor& y)> bce_with_logits;
// dlogits = dy (sigmoid(logit) - t) / count.
extern KernelSlot<void(const Tensor& logits, const Tensor& target, const Tensor& dy, Tensor& dlogits)>
    bce_with_logits_grad;

}  // namespace uls::slots
