// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernels/optim/step_values.h"

namespace uls {

/// Float32, contiguous, of one shape and device.
struct SgdSlab {
  Tensor parameter, gradient;
  Tensor momentum;  // starts as zeros; undefined where SgdOptions has no momentum
  double weight_decay = 0;
  int group = 0;  // whose learning rate of StepValues it takes
};

struct SgdOptions {
  double momentum = 0;
  bool nesterov = false;
};

/// In place, as torch.optim.SGD: with g = gradient StepValues::factor() + weight_decay p,
///   m = momentum m + g,  p -= lr (g + momentum m) with nesterov, else p -= lr m.
/// values: see StepValues; nothing changes where it says skip. No gradient; needs a NoGrad scope.
void sgd_(std::vector<SgdSlab>& slabs, const Tensor& values, const SgdOptions& options = {});

}  // namespace uls
