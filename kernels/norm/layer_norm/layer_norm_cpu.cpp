// SPDX-License-Identifier: Apache-2.0
#include "kernels/norm/layer_norm/layer_norm_kernel.h"
#include "kernels/norm/layer_norm_rows_cpu.h"

namespace uls::kernels {
namespace {

void layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps, Tensor& y,
                Tensor& mean, Tensor& rstd) {
  const std::int64_t rows = x.size(0), channels = x.size(1);
  dispatch_floating("layer_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T *from = x.data<T>(), *w = weight ? weight.data<T>() : nullptr,
            *b = bias ? bias.data<T>() : nullptr;
    T* to = y.data<T>();
    A *means = mean.data<A>(), *rstds = rstd.data<A>();
    parallel_for(0, rows, rows_a_piece(channels), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t r = first; r < last; ++r) {
        const std::int64_t at = r * channels;
        const auto moments = normalize_row(from + at, w, b, channels, A(eps), to + at);
        means[r] = moments.mean;
        rstds[r] = moments.rstd;
      }
    });
  });
}

void layer_norm_grad(const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                     const Tensor& dy, Tensor& dx, Tensor& dweight, Tensor& dbias) {
  const std::int64_t rows = x.size(0), channels = x.size(1);
  dispatch_floating("layer_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T *px = x.data<T>(), *pg = dy.data<T>(), *w = weight ? weight.data<T>() : nullptr;
    T* to = dx ? dx.data<T>() : nullptr;
    const A *means = mean.data<A>(), *rstds = rstd.data<A>();
    const auto row_grad = w ? normalize_row_grad<T, true, A> : normalize_row_grad<T, false, A>;
    const auto row = [&](std::int64_t r, A* sum_w, A* sum_b) {
      const std::int64_t at = r * channels;
      row_grad(px + at, pg + at, w, channels, {means[r], rstds[r]}, to ? to + at : nullptr, false, sum_w,
               sum_b);
    };
    layer_norm_grad_rows<T>(rows, channels, row, dweight, dbias);
  });
}

}  // namespace

void bind_layer_norm_cpu() {
  slots::layer_norm.bind(DeviceType::cpu, layer_norm);
  slots::layer_norm_grad.bind(DeviceType::cpu, layer_norm_grad);
}

}  // namespace uls::kernels
