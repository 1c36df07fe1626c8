// SPDX-License-Identifier: Apache-2.0
#include "models/layers/norm_layers.h"

#include "kernels/norm/layer_norm/layer_norm.h"

namespace uls {

Tensor LayerNorm::operator()(const Tensor& x) const { return layer_norm(x, weight, bias, eps); }

AddLayerNorm LayerNorm::add(const Tensor& x, const Tensor& branch, double drop_path, double dropout) const {
  return add_layer_norm(x, branch, weight, bias, {.eps = eps, .dropout = dropout, .drop_path = drop_path});
}

BatchNorm::BatchNorm(const ModelBuilder& b, std::int64_t channels, double eps, double momentum)
    : weight(b.parameter("weight", {channels}, InitialValues::constant(1))),
      bias(b.parameter("bias", {channels}, InitialValues::constant(0))),
      state{b.buffer("running_mean", {channels}, 0), b.buffer("running_var", {channels}, 1),
            b.counter("num_batches_tracked")},
      eps(eps),
      momentum(momentum) {}

Tensor BatchNorm::operator()(const Tensor& x, const Pass& pass) const {
  return batch_norm(x, weight, bias, state, {.training = pass.training, .momentum = momentum, .eps = eps});
}

}  // namespace uls
