// SPDX-License-Identifier: Apache-2.0
#include "models/layers/feed_forward.h"

#include "kernels/linear/feed_forward/feed_forward.h"

namespace uls {

Tensor FeedForward::operator()(const Tensor& x, const Pass& pass) const {
  return feed_forward(x, {first_.weight, first_.bias, last_.weight, last_.bias}, activation_,
                      pass.rate(dropout_));
}

}  // namespace uls
