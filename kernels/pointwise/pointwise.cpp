// SPDX-License-Identifier: Apache-2.0
#include "kernels/pointwise/pointwise.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/pointwise/pointwise_kernel.h"
#include "kernels/pointwise/pointwise_math.h"
#include "kernels/primitives/reduce/reduce.h"

namespace uls {

namespace slots {
#define ULS_DEFINE_UNARY(name, Functor)                     \
  KernelSlot<void(const Tensor& x, Tensor& y)> name(#name); \
  KernelSlot<void(const Tensor& saved, const Tensor& dy, Tensor& dx)> name##_grad(#name "_grad");
ULS_UNARY_FUNCTIONS(ULS_DEFINE_UNARY)
#undef ULS_DEFINE_UNARY
#define ULS_DEFINE_BINARY(name, Functor)                                                                    \
  KernelSlot<void(const Tensor& a, const Tensor& b, Tensor& y)> name(#name);                                \
  KernelSlot<void(const Tensor& a, const Tensor& b, const Tensor& dy, Tensor& da, Tensor& db)> name##_grad( \
      #name "_grad");
ULS_BINARY_FUNCTIONS(ULS_DEFINE_BINARY)
#undef ULS_DEFINE_BINARY
KernelSlot<void(const Tensor& a, const Tensor& b, Tensor& y)> add("add");
KernelSlot<void(const Tensor& a, const Tensor& b, Tensor& y)> subtract("subtract");
KernelSlot<void(const Tensor& x, double factor, double shift, Tensor& y)> affine("affine");
}  // namespace slots

namespace {

using UnarySlot = KernelSlot<void(const Tensor&, Tensor&)>;
using UnaryGradSlot = KernelSlot<void(const Tensor&, const Tensor&, Tensor&)>;
using BinarySlot = KernelSlot<void(const Tensor&, const Tensor&, Tensor&)>;
using BinaryGradSlot = KernelSlot<void(const Tensor&, const Tensor&, const Tensor&, Tensor&, Tensor&)>;

Tensor unary(const char* name, const UnarySlot& forward, const UnaryGradSlot& gradient,
             bool slope_from_result, const Tensor& input) {
  const OpScope scope(name);
  kernels::check_floating(name, "x", input);
  const Tensor x = contiguous(input);
  Tensor y = empty_like(x);
  forward(x.device(), x, y);
  return record(name, {input}, y, [&gradient, saved = save(slope_from_result ? y : x)](Gradients& g) {
    Tensor dx = empty_like(saved());
    gradient(dx.device(), saved(), g.output(0), dx);
    g.add(0, std::move(dx));
  });
}

Tensor apply(const char* name, const BinarySlot& slot, const Tensor& a, const Tensor& b) {
  kernels::check_floating(name, "a", a);
  kernels::check_same_kind(name, "b", b, a);
  const Shape shape = broadcast_shapes(name, a.shape(), b.shape());
  Tensor y = empty(shape, a.dtype(), a.device());
  slot(y.device(), a.expanded(shape), b.expanded(shape), y);
  return y;
}

Tensor binary(const char* name, const BinarySlot& forward, const BinaryGradSlot& gradient, const Tensor& a,
              const Tensor& b) {
  const OpScope scope(name);
  return record(name, {a, b}, apply(name, forward, a, b),
                [&gradient, a = save(a), b = save(b)](Gradients& g) {
                  const Tensor dy = g.output(0);
                  Tensor da = g.needs(0) ? empty_like(dy) : Tensor();
                  Tensor db = g.needs(1) ? empty_like(dy) : Tensor();
                  gradient(dy.device(), a().expanded(dy.shape()), b().expanded(dy.shape()), dy, da, db);
                  if (g.needs(0)) g.add(0, sum_to(std::move(da), a().shape()));
                  if (g.needs(1)) g.add(1, sum_to(std::move(db), b().shape()));
                });
}

// a + b or a - b: no argument is kept, and the gradient is handed on as it is.
Tensor sum_of_two(const char* name, const BinarySlot& forward, double sign_of_b, const Tensor& a,
                  const Tensor& b) {
  const OpScope scope(name);
  return record(name, {a, b}, apply(name, forward, a, b),
                [sign_of_b, shape_a = a.shape(), shape_b = b.shape()](Gradients& g) {
                  const Tensor dy = g.output(0);
                  if (g.needs(0)) g.add(0, sum_to(dy, shape_a));
                  if (!g.needs(1)) return;
                  Tensor db = sum_to(dy, shape_b);
                  g.add(1, sign_of_b > 0 ? std::move(db) : affine(db, sign_of_b, 0));
                });
}

}  // namespace

#define ULS_DEFINE_UNARY(name, Functor)                                                                 \
  Tensor name(const Tensor& x) {                                                                        \
    return unary(#name, slots::name, slots::name##_grad, kernels::Functor<float>::kSlopeFromResult, x); \
  }
ULS_UNARY_FUNCTIONS(ULS_DEFINE_UNARY)
#undef ULS_DEFINE_UNARY
#define ULS_DEFINE_BINARY(name, Functor)                         \
  Tensor name(const Tensor& a, const Tensor& b) {                \
    return binary(#name, slots::name, slots::name##_grad, a, b); \
  }
ULS_BINARY_FUNCTIONS(ULS_DEFINE_BINARY)
#undef ULS_DEFINE_BINARY

Tensor add(const Tensor& a, const Tensor& b) { return sum_of_two("add", slots::add, 1, a, b); }
Tensor subtract(const Tensor& a, const Tensor& b) {
  return sum_of_two("subtract", slots::subtract, -1, a, b);
}

Tensor affine(const Tensor& input, double factor, double shift) {
  const OpScope scope("affine");
  kernels::check_floating("affine", "x", input);
  const Tensor x = contiguous(input);
  Tensor y = empty_like(x);
  slots::affine(x.device(), x, factor, shift, y);
  return record("affine", {input}, y, [factor](Gradients& g) {
    const Tensor dy = g.output(0);
    Tensor dx = empty_like(dy);
    slots::affine(dy.device(), dy, factor, 0.0, dx);
    g.add(0, std::move(dx));
  });
}

}  // namespace uls
