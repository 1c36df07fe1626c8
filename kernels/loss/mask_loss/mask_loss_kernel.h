// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "kernels/loss/mask_loss/mask_loss.h"

namespace uls::slots {

// query, dquery: [layers, B, Q, C]; pixel, dpixel: [B, P, C]; of one type. target: [B, Q, P], float32
// (float64 for float64). weights: element [B, Q, P] and sample [B], of target's type; undefined ones are 1.
// All contiguous. total, dtotal: [] of query's type. parts: [layers, 3], samples: [B], of target's type.
// sums: [layers, B, Q, 2], float64: M = sum(w (p + t - 2 p t)) and S = sum(w (p + t)) + 1 of a map, whose
// dice loss is M / S.
extern KernelSlot<void(const Tensor& query, const Tensor& pixel, const Tensor& target,
                       const MaskLossWeights& weights, const MaskLossOptions& options, Tensor& total,
                       Tensor& parts, Tensor& samples, Tensor& sums)>
    mask_loss;
// With the slope of each logit x of layer l, N = sum(w) (1 where that is 0, but for no elements at all):
//   dx = dtotal layer_weight[l] v w (bce / N (p - t) + focal / N dfocal / dx
//                                    + dice / (B Q) p (1 - p) ((1 - 2 t) S - M) / S^2)
// dquery = dx pixel and dpixel = dx^T query, sample by sample. Undefined ones are not wanted.
extern KernelSlot<void(const Tensor& query, const Tensor& pixel, const Tensor& target,
                       const MaskLossWeights& weights, const MaskLossOptions& options, const Tensor& sums,
                       const Tensor& dtotal, Tensor& dquery, Tensor& dpixel)>
    mask_loss_grad;

}  // namespace uls::slots
