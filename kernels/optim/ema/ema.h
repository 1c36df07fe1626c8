// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/tensor/tensor.h"

namespace uls {

/// Float32, contiguous, of one shape and device; the average starts as a copy of the parameter.
struct EmaSlab {
  Tensor average, parameter;
};

/// In place: average += (1 - decay) (parameter - average), the exponential moving average of the parameters.
/// decay in [0, 1]. No gradient; needs a NoGrad scope.
void ema_(std::vector<EmaSlab>& slabs, double decay);

}  // namespace uls
