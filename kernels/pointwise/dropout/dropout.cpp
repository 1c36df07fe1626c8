// SPDX-License-Identifier: Apache-2.0
#include "kernels/pointwise/dropout/dropout.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/pointwise/dropout/dropout_kernel.h"
#include "kernels/pointwise/pointwise.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& x, double p, const RandomKey& key, Tensor& y)> dropout("dropout");
KernelSlot<void(const Tensor& x, double p, const RandomKey& key, Tensor& y)> drop_path("drop_path");
}  // namespace slots

namespace {

void check(const char* op, const Tensor& x, double p) {
  kernels::check_floating(op, "x", x);
  ULS_CHECK(x.rank() >= 1, "{}: no dimension of samples; got {}; expected [B, ...]", op, describe(x));
  ULS_CHECK(p >= 0 && p <= 1, "{}: p is no probability; got {}; expected 0 to 1", op, p);
}

Tensor drop(const char* op, const decltype(slots::dropout)& slot, const Tensor& x, double p,
            const RandomKey& key) {
  const OpScope scope(op);
  check(op, x, p);
  if (p == 0) return x;
  const auto apply = [&slot, p, key](const Tensor& from) {
    Tensor to = empty_like(from);
    slot(from.device(), from, p, key, to);
    return to;
  };
  return record(op, {x}, apply(contiguous(x)), [apply](Gradients& g) { g.add(0, apply(g.output(0))); });
}

}  // namespace

Tensor dropout(const Tensor& x, double p, const RandomKey& key) {
  return drop("dropout", slots::dropout, x, p, key);
}

Tensor drop_path(const Tensor& x, double p, const RandomKey& key) {
  return drop("drop_path", slots::drop_path, x, p, key);
}

Tensor dropout_by_mask(const Tensor& x, const Tensor& keep, double p) {
  const OpScope scope("dropout_by_mask");
  check("dropout_by_mask", x, p);
  kernels::check_same_kind("dropout_by_mask", "keep", keep, x);
  ULS_CHECK(keep.rank() <= x.rank() && keep.shape() == x.shape().first(keep.rank()),
            "dropout_by_mask: keep has the wrong shape; got {}; expected {} or its first dimensions",
            to_string(keep.shape()), to_string(x.shape()));
  Shape shape = keep.shape();
  while (shape.size() < x.rank()) shape.push_back(1);
  return multiply(x, keep.reshaped(shape)) * (p < 1 ? 1 / (1 - p) : 0);
}

}  // namespace uls
