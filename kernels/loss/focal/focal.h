// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// Mean over all elements of a m^gamma c (Lin et al., "Focal loss for dense object detection", 2017), as
/// torchvision's sigmoid_focal_loss: c the binary cross-entropy, m = 1 - p t - (1 - p) (1 - t) how far the
/// probability p = sigmoid(logit) is from the target t, a = alpha t + (1 - alpha) (1 - t). NaN where there is
/// no element.
/// logits, target: one shape, floating types of their own, any strides; target in [0, 1], without history.
/// alpha in [0, 1]; gamma >= 0. Returns [] of logits' type. Differentiable in logits.
Tensor focal(const Tensor& logits, const Tensor& target, double alpha = 0.25, double gamma = 2);

}  // namespace uls
