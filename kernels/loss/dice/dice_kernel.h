// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// logits, dlogits: [B, L], contiguous; target: that shape, contiguous, float32 (float64 for float64).
// y, dy: [] of logits' type. sums: [B, 2], float64: M = sum(p + t - 2 p t) and S = sum(p + t) + 1 of a
// sample, whose loss is M / S: the formula of dice.h without a difference of large numbers.
extern KernelSlot<void(const Tensor& logits, const Tensor& target, Tensor& y, Tensor& sums)> dice;
// dlogits = dy / B * p (1 - p) ((1 - 2 t) S - M) / S^2.
extern KernelSlot<void(const Tensor& logits, const Tensor& target, const Tensor& sums, const Tensor& dy,
                       Tensor& dlogits)>
    dice_grad;

}  // namespace uls::slots
