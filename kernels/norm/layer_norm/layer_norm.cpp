// SPDX-License-Identifier: Apache-2.0
#include "kernels/norm/layer_norm/layer_norm.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/norm/layer_norm/layer_norm_kernel.h"
#include "kernels/norm/layer_norm_checks.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps, Tensor& y,
                Tensor& mean, Tensor& rstd)>
    layer_norm("layer_norm");
KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                const Tensor& dy, Tensor& dx, Tensor& dweight, Tensor& dbias)>
    layer_norm_grad("layer_norm_grad");
}  // namespace slots

Tensor layer_norm(const Tensor& input, const Tensor& weight, const Tensor& bias, double eps) {
  const OpScope scope("layer_norm");
  kernels::check_layer_norm("layer_norm", input, weight, bias);
  const std::int64_t channels = input.shape().back();
  const std::int64_t rows = channels ? input.numel() / channels : 0;
  const DType statistics = input.dtype() == DType::float64 ? DType::float64 : DType::float32;
  const Tensor x = contiguous(input).reshaped({rows, channels});
  const Tensor w = weight ? contiguous(weight) : weight, b = bias ? contiguous(bias) : bias;
  Tensor y = empty_like(x), mean = empty({rows}, statistics, x.device()), rstd = empty_like(mean);
  slots::layer_norm(x.device(), x, w, b, eps, y, mean, rstd);

  return record(
      "layer_norm", {input, weight, bias}, y.reshaped(input.shape()),
      [x = save(x), w = save(w), mean = save(mean), rstd = save(rstd), shape = input.shape()](Gradients& g) {
        Tensor dx = g.needs(0) ? empty(shape, x().dtype(), x().device()) : Tensor();
        Tensor dx_rows = dx ? dx.reshaped(x().shape()) : Tensor();
        Tensor dweight = g.needs(1) ? empty_like(w()) : Tensor();
        Tensor dbias = g.needs(2) ? empty_like(w()) : Tensor();
        const Tensor dy = g.output(0).reshaped(x().shape());
        slots::layer_norm_grad(dy.device(), x(), w(), mean(), rstd(), dy, dx_rows, dweight, dbias);
        dx_rows = Tensor();  // the only handle is moved on, so that a leaf takes it without a copy
        if (dx) g.add(0, std::move(dx));
        if (dweight) g.add(1, std::move(dweight));
        if (dbias) g.add(2, std::move(dbias));
      });
}

}  // namespace uls
