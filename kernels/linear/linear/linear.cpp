// SPDX-License-Identifier: Apache-2.0
// Composed of gemm, which adds the bias on its way out, and a sum over rows for the gradient of the bias.
#include "kernels/linear/linear/linear.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/linear/gemm/gemm_kernel.h"
#include "kernels/primitives/reduce/reduce.h"

namespace uls {

Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  const OpScope scope("linear");
  kernels::check_floating("linear", "x", input);
  kernels::check_same_kind("linear", "weight", weight, input);
  ULS_CHECK(weight.rank() == 2, "linear: weight is not a matrix; got {}; expected [out, in]",
            to_string(weight.shape()));
  const std::int64_t out = weight.size(0), in = weight.size(1);
  ULS_CHECK(input.rank() >= 1 && input.shape().back() == in,
            "linear: x and weight do not fit; got {} and {}; expected {} as the last size of x",
            to_string(input.shape()), to_string(weight.shape()), in);
  if (bias) {
    kernels::check_same_kind("linear", "bias", bias, input);
    kernels::check_shape("linear", "bias", bias, {out});
  }
  Shape shape = input.shape();
  shape[shape.size() - 1] = out;
  const std::int64_t rows = count_elements(shape.first(shape.size() - 1));
  const Tensor x = contiguous(input).reshaped({rows, in}), w = contiguous(weight),
               b = bias ? contiguous(bias) : bias;
  Tensor y = empty({rows, out}, x.dtype(), x.device());
  slots::gemm(x.device(), x, w, b, {.transpose_b = true}, y);

  return record("linear", {input, weight, bias}, y.reshaped(shape),
                [x = save(x), w = save(w), rows, in, out](Gradients& g) {
                  const Tensor dy = g.output(0).reshaped({rows, out});
                  if (g.needs(0)) {
                    auto [dx, add] = g.buffer(0);
                    Tensor flat = dx.reshaped({rows, in});
                    slots::gemm(dy.device(), dy, w(), {}, {.accumulate = add}, flat);
                  }
                  if (g.needs(1)) {
                    auto [dw, add] = g.buffer(1);
                    slots::gemm(dy.device(), dy, x(), {}, {.transpose_a = true, .accumulate = add}, dw);
                  }
                  if (g.needs(2)) g.add(2, sum_to(dy, {out}));
                });
}

}  // namespace uls
