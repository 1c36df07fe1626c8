// SPDX-License-Identifier: Apache-2.0
#include "models/layers/residual.h"

#include "kernels/pointwise/dropout/dropout.h"
#include "kernels/pointwise/pointwise.h"

namespace uls {

Tensor ResidualStream::next(const LayerNorm& norm, const Pass& pass) {
  if (!branch) return norm(x);
  AddLayerNorm added = norm.add(x, branch, pass.rate(drop_path), 0);
  x = std::move(added.sum);
  branch = Tensor();
  return added.y;
}

Tensor ResidualStream::finish(const Pass& pass) {
  if (!branch) return x;
  x = x + uls::drop_path(branch, pass.rate(drop_path));
  branch = Tensor();
  return x;
}

Tensor add_and_norm(const LayerNorm& norm, const Tensor& x, const Tensor& branch, double dropout,
                    const Pass& pass) {
  return norm.add(x, branch, 0, pass.rate(dropout)).y;
}

}  // namespace uls
