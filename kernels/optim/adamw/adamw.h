// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernels/optim/step_values.h"

namespace uls {

/// Float32, or float64 all of it; contiguous, of one shape and device; moments start as zeros.
struct AdamSlab {
  Tensor parameter, gradient;
  Tensor mean, square;  // the moments, "exp_avg" and "exp_avg_sq" in PyTorch
  double weight_decay = 0;
  int group = 0;  // whose learning rate of StepValues it takes
};

struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  /// True: AdamW (Loshchilov, Hutter 2019), p is first shrunk by lr weight_decay p. False: Adam (Kingma, Ba
  /// 2015), weight_decay p is added to the gradient.
  bool decoupled = true;
};

/// In place, as torch.optim.AdamW and Adam: with the gradient g times StepValues::factor() and step s,
///   mean += (1 - beta1) (g - mean),  square = beta2 square + (1 - beta2) g^2,
///   p -= lr / (1 - beta1^s) mean / (sqrt(square / (1 - beta2^s)) + eps).
/// values: see StepValues; nothing changes where it says skip. No gradient; needs a NoGrad scope.
void adamw_(std::vector<AdamSlab>& slabs, const Tensor& values, const AdamOptions& options = {});

}  // namespace uls
