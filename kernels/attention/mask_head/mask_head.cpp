// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/mask_head/mask_head.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/attention/mask_head/mask_head_kernel.h"
#include "kernels/attention/mask_head/mask_inputs.h"
#include "kernels/common/fused.h"
#include "kernels/linear/gemm/gemm_kernel.h"

namespace uls {

namespace slots {
namespace {

double forward_flops(const Tensor& query, const Tensor& pixel, Tensor&) {
  return kernels::mask_product_flops(query, pixel);
}
double grad_flops(const Tensor& query, const Tensor& pixel, const Tensor&, Tensor&, Tensor&) {
  return 2 * kernels::mask_product_flops(query, pixel);
}

}  // namespace

KernelSlot<void(const Tensor& query, const Tensor& pixel, Tensor& maps)> mask_head("mask_head",
                                                                                   forward_flops);
KernelSlot<void(const Tensor& query, const Tensor& pixel, const Tensor& dmaps, Tensor& dquery,
                Tensor& dpixel)>
    mask_head_grad("mask_head_grad", grad_flops);
}  // namespace slots

namespace {

// [layers, B, Q, ...] as [B, layers Q, ...], or back: one matrix for each sample.
Tensor swap_layers_and_samples(const Tensor& x) {
  Dims order{1, 0};
  for (int d = 2; d < x.rank(); ++d) order.push_back(d);
  return contiguous(x.permuted(order));
}

// c[b] = op(a[b]) op(b[b]) for each sample b, and += where options say so.
void multiply_samples(const Tensor& a, const Tensor& b, const slots::GemmOptions& options, Tensor c) {
  const auto matrix = [](const Tensor& x, std::int64_t sample) {
    return x.sliced(0, sample, sample + 1).reshaped({x.size(1), x.size(2)});
  };
  for (std::int64_t sample = 0; sample < c.size(0); ++sample) {
    Tensor product = matrix(c, sample);
    slots::gemm(c.device(), matrix(a, sample), matrix(b, sample), {}, options, product);
  }
}

// The plain twin: a product of matrices for each sample.
Tensor by_products(const Tensor& query, const Tensor& pixel) {
  const std::int64_t layers = query.size(0), samples = query.size(1), queries = query.size(2),
                     height = pixel.size(1), width = pixel.size(2), channels = query.size(3);
  const Shape queries_shape{samples, layers * queries, channels},
      pixels_shape{samples, height * width, channels}, maps_shape{samples, layers * queries, height * width};
  const Tensor q = swap_layers_and_samples(query).reshaped(queries_shape),
               v = contiguous(pixel).reshaped(pixels_shape);
  const Tensor maps = empty(maps_shape, q.dtype(), q.device());
  multiply_samples(q, v, {.transpose_b = true}, maps);
  const Tensor y = swap_layers_and_samples(maps.reshaped({samples, layers, queries, height, width}));
  return record("mask_head", {query, pixel}, y, [=, q = save(q), v = save(v)](Gradients& g) {
    const Tensor dmaps = swap_layers_and_samples(g.output(0)).reshaped(maps_shape);
    if (g.needs(0)) {
      const Tensor dq = empty(queries_shape, dmaps.dtype(), dmaps.device());
      multiply_samples(dmaps, v(), {}, dq);
      g.add(0, swap_layers_and_samples(dq.reshaped({samples, layers, queries, channels})));
    }
    if (g.needs(1)) {
      const auto [dpixel, add] = g.buffer(1);
      multiply_samples(dmaps, q(), {.transpose_a = true, .accumulate = add}, dpixel.reshaped(pixels_shape));
    }
  });
}

}  // namespace

Tensor mask_head(const Tensor& query, const Tensor& pixel) {
  const OpScope scope("mask_head");
  kernels::check_mask_inputs("mask_head", query, pixel);
  if (!kernels::fused_kernels() || !slots::mask_head.bound(query.device().type))
    return by_products(query, pixel);

  const std::int64_t samples = pixel.size(0), height = pixel.size(1), width = pixel.size(2);
  const Shape rows{samples, height * width, pixel.size(3)};
  const Tensor q = contiguous(query), v = contiguous(pixel).reshaped(rows);
  Tensor maps = empty({q.size(0), samples, q.size(2), height * width}, q.dtype(), q.device());
  slots::mask_head(q.device(), q, v, maps);
  return record("mask_head", {query, pixel}, maps.reshaped({q.size(0), samples, q.size(2), height, width}),
                [q = save(q), v = save(v), shape = pixel.shape(), maps_shape = maps.shape()](Gradients& g) {
                  Tensor dq = g.needs(0) ? empty_like(q()) : Tensor();
                  Tensor dpixel = g.needs(1) ? empty(shape, v().dtype(), v().device()) : Tensor();
                  Tensor dv = dpixel ? dpixel.reshaped(v().shape()) : Tensor();
                  slots::mask_head_grad(q().device(), q(), v(), g.output(0).reshaped(maps_shape), dq, dv);
                  dv = Tensor();  // the only handle is moved on, so that a leaf takes it without a copy
                  if (dq) g.add(0, std::move(dq));
                  if (dpixel) g.add(1, std::move(dpixel));
                });
}

}  // namespace uls
