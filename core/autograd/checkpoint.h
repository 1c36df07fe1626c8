// SPDX-License-Identifier: Apache-2.0
// Recomputation: memory for time (Chen et al. 2016, "Training deep nets with sublinear memory cost").
#pragma once

#include <functional>
#include <vector>

#include "core/autograd/autograd.h"

namespace uls {

using TensorFunction = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

/// fn(inputs), keeping for backward only the inputs: fn runs again there, with the same random draws, and its
/// memory lives only while its own gradients are taken. Gradients also reach parameters that fn captured;
/// where such a parameter is used by several checkpoints, its hooks are called once for each.
std::vector<Tensor> checkpoint(const TensorFunction& fn, const std::vector<Tensor>& inputs);

}  // namespace uls
