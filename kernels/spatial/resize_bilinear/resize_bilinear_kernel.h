// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// x, dx: [B, H, W, C]; y, dy, other: [B, height, width, C] of the same type; contiguous, H to width at
// least 1. other may be undefined.
extern KernelSlot<void(const Tensor& x, const Tensor& other, bool align_corners, Tensor& y)> resize_bilinear;
// dx of a pixel is gathered, in a fixed order, from the pixels of dy that took from it.
extern KernelSlot<void(const Tensor& dy, bool align_corners, Tensor& dx)> resize_bilinear_grad;

}  // namespace uls::slots
