// SPDX-License-Identifier: Apache-2.0
#include "kernels/primitives/random/random.h"

#include "core/base/op_scope.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/primitives/random/random_kernel.h"

namespace uls {

namespace slots {
KernelSlot<void(Tensor& y, double scale, double shift, const RandomKey& key)> fill_uniform("fill_uniform");
KernelSlot<void(Tensor& y, double scale, double shift, const RandomKey& key)> fill_normal("fill_normal");
}  // namespace slots

namespace {

void check(const char* op, Tensor& y) {
  kernels::check_floating(op, "y", y);
  ULS_CHECK(y.is_contiguous(), "{}: y has gaps; got strides {}; expected a contiguous tensor", op,
            to_string(y.strides()));
  check_in_place(op, y);
}

}  // namespace

void fill_uniform_(Tensor& y, double low, double high, const RandomKey& key) {
  const OpScope scope("fill_uniform_");
  check("fill_uniform_", y);
  slots::fill_uniform(y.device(), y, high - low, low, key);
}

void fill_normal_(Tensor& y, double mean, double deviation, const RandomKey& key) {
  const OpScope scope("fill_normal_");
  check("fill_normal_", y);
  slots::fill_normal(y.device(), y, deviation, mean, key);
}

}  // namespace uls
