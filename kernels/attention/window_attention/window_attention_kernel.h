// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "kernels/attention/window_attention/window_attention.h"

namespace uls::slots {

// qkv, dqkv: [B, H, W, 3C], qkv_bias, dqkv_bias: [3C] or undefined, bias_table, dbias_table: [(2K-1)^2, N],
// y, dy: [B, H, W, C], of one type, contiguous. lse: [windows, N, K K], float32 (float64 for float64): log of
// the sum of e^score over the keys; nothing where the query is padding.
extern KernelSlot<void(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
                       const WindowAttentionOptions& options, Tensor& y, Tensor& lse)>
    window_attention;
// With weights P = e^(score - lse) and s = 1 / sqrt(D):
//   dv = P^T dy,  dP = dy v^T,  dS = P (dP - sum over keys of P dP),  dq = s dS k,  dk = s dS^T q.
// dbias_table sums dS over windows and over pairs with the same offset, dqkv_bias sums dk and dv over the
// padding (whose queries are cropped: its first third is 0), both in an order that is fixed. Undefined
// results are not wanted.
extern KernelSlot<void(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
                       const WindowAttentionOptions& options, const Tensor& lse, const Tensor& dy,
                       Tensor& dqkv, Tensor& dqkv_bias, Tensor& dbias_table)>
    window_attention_grad;

}  // namespace uls::slots
