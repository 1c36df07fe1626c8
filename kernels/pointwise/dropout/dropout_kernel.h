// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/random/random_state.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

// x, y: [B, ...] of one type, contiguous. y = u < p ? 0 : x / (1 - p), with u = uniform_float(word) and p in
// float32. The gradient is the same of dy. Element i of sample b takes the word key.words(b, i / 4)[i % 4],
extern KernelSlot<void(const Tensor& x, double p, const RandomKey& key, Tensor& y)> dropout;
// and here all elements of sample b take key.words(b, 0)[0].
extern KernelSlot<void(const Tensor& x, double p, const RandomKey& key, Tensor& y)> drop_path;

}  // namespace uls::slots
