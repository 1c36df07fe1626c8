// SPDX-License-Identifier: Apache-2.0
#include "models/layers/feed_forward.h"

#include "kernels/pointwise/dropout/dropout.h"

namespace uls {

Tensor FeedForward::operator()(const Tensor& x, const Pass& pass) const {
  return last_(dropout(first_(x, activation_), pass.rate(dropout_)));
}

}  // namespace uls
