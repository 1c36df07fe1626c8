// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/norm/add_layer_norm/add_layer_norm.h"
#include "kernels/norm/batch_norm/batch_norm.h"
#include "models/parameters.h"
#include "models/pass.h"

namespace uls {

/// torch.nn.LayerNorm over the last dimension.
class LayerNorm {
 public:
  LayerNorm(const ModelBuilder& b, std::int64_t channels, double eps = 1e-5)
      : weight(b.parameter("weight", {channels}, InitialValues::constant(1))),
        bias(b.parameter("bias", {channels}, InitialValues::constant(0))),
        eps(eps) {}

  Tensor operator()(const Tensor& x) const;
  /// sum = x + drop(branch) and y = norm(sum), in one pass; the probabilities are those of this pass.
  AddLayerNorm add(const Tensor& x, const Tensor& branch, double drop_path, double dropout) const;

  Tensor weight, bias;  // [C]
  double eps;
};

/// torch.nn.BatchNorm1d and 2d, over all dimensions but the last.
class BatchNorm {
 public:
  BatchNorm(const ModelBuilder& b, std::int64_t channels, double eps = 1e-5, double momentum = 0.1);

  Tensor operator()(const Tensor& x, const Pass& pass) const;

  Tensor weight, bias;  // [C]
  mutable BatchNormState state;
  double eps, momentum;
};

}  // namespace uls
