// SPDX-License-Identifier: Apache-2.0
#include "kernels/primitives/views/views.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/primitives/reduce/reduce.h"

namespace uls {

Tensor reshape(const Tensor& x, const Shape& shape) {
  const OpScope scope("reshape");
  return record("reshape", {x}, x.can_reshape(shape) ? x.reshaped(shape) : clone(x).reshaped(shape),
                [from = x.shape()](Gradients& g) { g.add(0, g.output(0).reshaped(from)); });
}

Tensor permute(const Tensor& x, const Dims& dims) {
  const OpScope scope("permute");
  Tensor y = x.permuted(dims);
  Dims back = dims;
  for (int d = 0; d < dims.size(); ++d) back[normalize_dim("permute", int(dims[d]), x.rank())] = d;
  return record("permute", {x}, std::move(y),
                [back](Gradients& g) { g.add(0, clone(g.output(0).permuted(back))); });
}

Tensor transpose(const Tensor& x, int a, int b) {
  const OpScope scope("transpose");
  return record("transpose", {x}, x.transposed(a, b),
                [a, b](Gradients& g) { g.add(0, clone(g.output(0).transposed(a, b))); });
}

Tensor slice(const Tensor& x, int dim, std::int64_t first, std::int64_t last, std::int64_t step) {
  const OpScope scope("slice");
  return record("slice", {x}, x.sliced(dim, first, last, step), [=](Gradients& g) {
    auto [dx, add] = g.buffer(0);
    if (!add) fill_(dx, 0);
    Tensor part = dx.sliced(dim, first, last, step);
    if (add)
      accumulate_(part, g.output(0));
    else
      copy_(part, g.output(0));
  });
}

Tensor expand(const Tensor& x, const Shape& shape) {
  const OpScope scope("expand");
  kernels::check_floating("expand", "x", x);
  return record("expand", {x}, x.expanded(shape),
                [from = x.shape()](Gradients& g) { g.add(0, sum_to(g.output(0), from)); });
}

Tensor cast(const Tensor& x, DType dtype) {
  const OpScope scope("cast");
  kernels::check_floating("cast", "x", x);
  ULS_CHECK(is_floating(dtype), "cast: no gradient to this type; got {}; expected a floating type",
            to_string(dtype));
  if (x.dtype() == dtype) return x;
  return record("cast", {x}, converted(x, dtype),
                [from = x.dtype()](Gradients& g) { g.add(0, converted(g.output(0), from)); });
}

}  // namespace uls
