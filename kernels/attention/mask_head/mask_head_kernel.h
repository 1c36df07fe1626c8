// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// query, dquery: [layers, B, Q, C]; pixel, dpixel: [B, P, C]; maps, dmaps: [layers, B, Q, P]; all of one
// type, contiguous. Meant for few queries; a device without these takes products of matrices.
extern KernelSlot<void(const Tensor& query, const Tensor& pixel, Tensor& maps)> mask_head;
// dquery = dmaps pixel, dpixel = dmaps^T query, sample by sample. Undefined ones are not wanted.
extern KernelSlot<void(const Tensor& query, const Tensor& pixel, const Tensor& dmaps, Tensor& dquery,
                       Tensor& dpixel)>
    mask_head_grad;

}  // namespace uls::slots
