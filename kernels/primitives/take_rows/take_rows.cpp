// SPDX-License-Identifier: Apache-2.0
#include "kernels/primitives/take_rows/take_rows.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/primitives/take_rows/take_rows_kernel.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& x, const Tensor& index, Tensor& y)> take_rows("take_rows");
KernelSlot<void(const Tensor& index, const Tensor& dy, Tensor& dx)> take_rows_grad("take_rows_grad");
KernelSlot<void(const Tensor& ids, Tensor& first)> first_of_largest("first_of_largest");
}  // namespace slots

Tensor take_rows(const Tensor& x, const Tensor& index) {
  const OpScope scope("take_rows");
  kernels::check_floating("take_rows", "x", x);
  ULS_CHECK(x.rank() == 3, "take_rows: x has no rows; got {}; expected [B, L, C]", describe(x));
  ULS_CHECK(index && index.dtype() == DType::int64 && index.device() == x.device(),
            "take_rows: index differs in type or device; got {}; expected int64 on {}", describe(index),
            to_string(x.device()));
  kernels::check_shape("take_rows", "index", index, {x.size(0)});
  const Tensor from = contiguous(x), rows = contiguous(index);
  Tensor y = empty({x.size(0), x.size(2)}, x.dtype(), x.device());
  slots::take_rows(y.device(), from, rows, y);
  return record("take_rows", {x}, y, [rows = save(rows), shape = x.shape()](Gradients& g) {
    const Tensor dy = g.output(0);
    Tensor dx = empty(shape, dy.dtype(), dy.device());
    slots::take_rows_grad(dy.device(), rows(), dy, dx);
    g.add(0, std::move(dx));
  });
}

Tensor first_of_largest(const Tensor& ids) {
  const OpScope scope("first_of_largest");
  ULS_CHECK(ids && ids.dtype() == DType::int64 && ids.rank() >= 1 && ids.size(-1) >= 1,
            "first_of_largest: no rows of ids; got {}; expected int64 [..., L] with L of at least 1",
            describe(ids));
  Tensor first = empty(ids.shape().first(ids.rank() - 1), DType::int64, ids.device());
  slots::first_of_largest(ids.device(), contiguous(ids), first);
  return first;
}

}  // namespace uls
