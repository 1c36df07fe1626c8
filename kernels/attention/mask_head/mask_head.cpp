// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/mask_head/mask_head.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/linear/gemm/gemm_kernel.h"

namespace uls {
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

}  // namespace

Tensor mask_head(const Tensor& query, const Tensor& pixel) {
  const OpScope scope("mask_head");
  kernels::check_floating("mask_head", "query", query);
  kernels::check_same_kind("mask_head", "pixel", pixel, query);
  ULS_CHECK(
      query.rank() == 4 && pixel.rank() == 4 && query.size(1) == pixel.size(0) &&
          query.size(3) == pixel.size(3),
      "mask_head: query and pixel do not fit; got {} and {}; expected [layers, B, Q, C] and [B, H, W, C]",
      to_string(query.shape()), to_string(pixel.shape()));
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

}  // namespace uls
