// SPDX-License-Identifier: Apache-2.0
#include "kernels/primitives/embedding/embedding.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/primitives/embedding/embedding_kernel.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& table, const Tensor& ids, Tensor& y)> embedding("embedding");
KernelSlot<void(const Tensor& ids, const Tensor& dy, bool add, Tensor& dtable)> embedding_grad(
    "embedding_grad");
}  // namespace slots

Tensor embedding(const Tensor& table, const Tensor& ids) {
  const OpScope scope("embedding");
  kernels::check_floating("embedding", "table", table);
  ULS_CHECK(table.rank() == 2, "embedding: table is not a matrix; got {}; expected [V, C]", describe(table));
  ULS_CHECK(ids && ids.dtype() == DType::int64 && ids.device() == table.device(),
            "embedding: ids differ in type or device; got {}; expected int64 on {}", describe(ids),
            to_string(table.device()));
  const Tensor rows = contiguous(table), places = contiguous(ids);
  Shape shape = ids.shape();
  shape.push_back(table.size(1));
  Tensor y = empty(shape, table.dtype(), table.device());
  slots::embedding(y.device(), rows, places, y);
  return record("embedding", {table}, y, [places = save(places)](Gradients& g) {
    const Tensor dy = g.output(0);
    auto [dtable, add] = g.buffer(0);
    slots::embedding_grad(dy.device(), places(), dy, add, dtable);
  });
}

}  // namespace uls
