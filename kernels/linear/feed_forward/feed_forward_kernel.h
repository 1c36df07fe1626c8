// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/random/random_state.h"
#include "kernels/linear/feed_forward/feed_forward.h"

namespace uls::slots {

struct HiddenLayer {
  Activation f;
  double dropout = 0;
  RandomKey key;  // dropout_kernel.h says which words its masks take
};

// y = h last^T + last_bias with h = dropout(f(z)), z = x first^T + first_bias. x: [B, rows, in], y: [B, rows,
// out]. kept, unless undefined: [B, rows, hidden], gets h where f is relu, else z. All contiguous, of one
// type and device; also below.
extern KernelSlot<void(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer& hidden,
                       Tensor& kept, Tensor& y)>
    feed_forward;
// Gradients, where wanted (defined): those of the layers are added to what `sums` hold, dx is added to where
// `add`.
extern KernelSlot<void(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer& hidden,
                       const Tensor& kept, const Tensor& dy, Tensor& dx, bool add, FeedForwardLayers& sums)>
    feed_forward_grad;

}  // namespace uls::slots
