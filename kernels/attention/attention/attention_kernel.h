// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/random/random_state.h"
#include "kernels/attention/attention/attention.h"

namespace uls::slots {

// q, y, dy, dq: [B, Q, C], k, v, dk, dv: [B, L, C], of one type, contiguous; L >= 1. mask: bool [B, L], or
// undefined. lse: [B, N, Q], float32 (float64 for float64): log of the sum of e^score over the keys.
// With a dropout that is not 0, the weights [B, N, Q, L] are dropped as dropout() drops under this key.
extern KernelSlot<void(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                       const AttentionOptions& options, const RandomKey& key, Tensor& y, Tensor& lse)>
    attention;
// With weights P = e^(score - lse), their factors F from dropout (0 or 1 / (1 - dropout)) and s = 1 /
// sqrt(D):
//   dv = (P F)^T dy,  dS = P ((dy v^T) F - sum over D of dy y),  dq = s dS k,  dk = s dS^T q.
// Undefined dq, dk or dv are not wanted.
extern KernelSlot<void(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                       const AttentionOptions& options, const RandomKey& key, const Tensor& y,
                       const Tensor& lse, const Tensor& dy, Tensor& dq, Tensor& dk, Tensor& dv)>
    attention_grad;

}  // namespace uls::slots
