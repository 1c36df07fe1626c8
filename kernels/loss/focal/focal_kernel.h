// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// logits, dlogits: any shape, contiguous; target: that shape, contiguous, float32 (float64 for float64).
// y, dy: [] of logits' type.
extern KernelSlot<void(const Tensor& logits, const Tensor& target, double alpha, double gamma, Tensor& y)>
    focal;
// dlogits = dy / count * a m^gamma (p - t + gamma c m' / m) with m' = p (1 - p) (1 - 2 t); see focal.h.
extern KernelSlot<void(const Tensor& logits, const Tensor& target, double alpha, double gamma,
                       const Tensor& dy, Tensor& dlogits)>
    focal_grad;

}  // namespace uls::slots
