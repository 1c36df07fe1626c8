// SPDX-License-Identifier: Apache-2.0
// Composed of gemm, which adds the bias on its way out, elementwise kernels, and a sum over rows for the
// gradient of the bias.
#include "kernels/linear/linear/linear.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/linear/gemm/gemm_kernel.h"
#include "kernels/linear/linear/linear_kernel.h"
#include "kernels/linear/linear_checks.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/pointwise/pointwise_kernel.h"
#include "kernels/primitives/reduce/reduce.h"

namespace uls {

namespace slots {
namespace {

double flops(const Tensor& x, const Tensor& weight, const Tensor&, Activation, Tensor&, Tensor&) {
  return 2.0 * double(x.numel()) * double(weight.size(0));
}

}  // namespace

KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation f, Tensor& z,
                Tensor& y)>
    linear_activated("linear_activated", flops);
}  // namespace slots

namespace {

Tensor activate(const Tensor& x, Activation f) {
  return f == Activation::relu ? relu(x) : f == Activation::gelu ? gelu(x) : quick_gelu(x);
}

const auto& gradient_of(Activation f) {
  return f == Activation::relu   ? slots::relu_grad
         : f == Activation::gelu ? slots::gelu_grad
                                 : slots::quick_gelu_grad;
}

}  // namespace

Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias, Activation f) {
  const bool activated = f != Activation::none;
  if (activated && !kernels::fused_kernels()) return activate(linear(input, weight, bias), f);
  const OpScope scope("linear");
  kernels::check_floating("linear", "x", input);
  kernels::check_linear("linear", input, input.rank() >= 1 ? input.shape().back() : -1, weight, bias);
  const std::int64_t out = weight.size(0), in = weight.size(1);
  Shape shape = input.shape();
  shape[shape.size() - 1] = out;
  const std::int64_t rows = count_elements(shape.first(shape.size() - 1));
  const Tensor x = contiguous(input).reshaped({rows, in}), w = contiguous(weight),
               b = bias ? contiguous(bias) : bias;
  const bool recorded =
      grad_enabled() && (input.requires_grad() || weight.requires_grad() || bias.requires_grad());
  Tensor y = empty({rows, out}, x.dtype(), x.device());
  // The slope of relu follows from its result, that of others from their argument.
  Tensor z = activated && recorded && f != Activation::relu ? empty_like(y) : Tensor();
  if (activated)
    slots::linear_activated(x.device(), x, w, b, f, z, y);
  else
    slots::gemm(x.device(), x, w, b, {.transpose_b = true}, y);
  const Saved kept = save(!activated ? Tensor() : z ? z : y);

  return record("linear", {input, weight, bias}, y.reshaped(shape),
                [x = save(x), w = save(w), f, kept, rows, in, out](Gradients& g) {
                  const bool may_write = g.owns_output(0);
                  const Tensor dy = g.output(0).reshaped({rows, out});
                  Tensor dz = f == Activation::none || may_write ? dy : empty_like(dy);
                  if (f != Activation::none) gradient_of(f)(dy.device(), kept(), dy, dz);
                  if (g.needs(0)) {
                    auto [dx, add] = g.buffer(0);
                    Tensor flat = dx.reshaped({rows, in});
                    slots::gemm(dz.device(), dz, w(), {}, {.accumulate = add}, flat);
                  }
                  if (g.needs(1)) {
                    auto [dw, add] = g.buffer(1);
                    slots::gemm(dz.device(), dz, x(), {}, {.transpose_a = true, .accumulate = add}, dw);
                  }
                  if (g.needs(2)) g.add(2, sum_to(dz, {out}));
                });
}

}  // namespace uls
