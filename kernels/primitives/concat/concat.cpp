// SPDX-License-Identifier: Apache-2.0
// Views and the engine's copy: every element is moved once, forward and backward.
#include "kernels/primitives/concat/concat.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"

namespace uls {

Tensor concat(const std::vector<Tensor>& parts, int dim) {
  const OpScope scope("concat");
  ULS_CHECK(!parts.empty() && parts[0],
            "concat: nothing to begin with; got {} tensors; expected at least one, defined", parts.size());
  const Tensor& like = parts[0];
  dim = normalize_dim("concat", dim, like.rank());
  Shape shape = like.shape();
  shape[dim] = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Tensor& part = parts[i];
    const std::string name = "part " + std::to_string(i);
    kernels::check_same_kind("concat", name.c_str(), part, like);
    Shape expected = like.shape();
    if (part.rank() == like.rank()) expected[dim] = part.size(dim);
    kernels::check_shape("concat", name.c_str(), part, expected);
    shape[dim] += part.size(dim);
  }
  Tensor y = empty(shape, like.dtype(), like.device());
  std::vector<std::int64_t> ends;
  for (const Tensor& part : parts) {
    const std::int64_t first = ends.empty() ? 0 : ends.back();
    ends.push_back(first + part.size(dim));
    Tensor place = y.sliced(dim, first, ends.back());
    copy_(place, part);
  }
  return record("concat", parts, y, [dim, ends](Gradients& g) {
    const Tensor dy = g.output(0);
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (g.needs(int(i))) g.add(int(i), clone(dy.sliced(dim, i ? ends[i - 1] : 0, ends[i])));
  });
}

}  // namespace uls
