// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/tensor/primitives.h"
#include "kernels/common/convert.h"
#include "kernels/common/strided.h"
#include "kernels/linear/feed_forward/feed_forward_kernel.h"
#include "kernels/linear/gemm/gemm_kernel.h"
#include "kernels/linear/linear/linear_kernel.h"
#include "kernels/pointwise/dropout/mask_cpu.h"
#include "kernels/pointwise/pointwise_kernel.h"
#include "kernels/primitives/reduce/reduce.h"

namespace uls::kernels {
namespace {

using slots::HiddenLayer;

// Rows whose hidden layer is there at once. Products are slower in smaller blocks (measured).
constexpr std::int64_t kBlockRows = 4096;

// [B, rows, channels] as [B rows, channels].
Tensor rows_of(const Tensor& x) { return x ? x.reshaped({x.size(0) * x.size(1), x.size(2)}) : x; }

// Calls run(first, last) for each block of rows.
template <typename Run>
void for_blocks(std::int64_t rows, Run run) {
  const std::int64_t blocks = std::max<std::int64_t>(1, rows / kBlockRows);
  for (std::int64_t i = 0; i < blocks; ++i) run(rows * i / blocks, rows * (i + 1) / blocks);
}

Tensor part(const Tensor& x, std::int64_t first, std::int64_t last) {
  return x ? x.sliced(0, first, last) : x;
}

// Drops from h, rows `first` and on of the batch, of which a sample has `rows_a_sample`.
void drop(const HiddenLayer& hidden, std::int64_t first, std::int64_t rows_a_sample, Tensor& h) {
  if (hidden.dropout == 0) return;
  const std::int64_t channels = h.size(1);
  dispatch_floating("feed_forward", h.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    T* to = h.data<T>();
    parallel_for(0, h.size(0), std::max<std::int64_t>(1, kGrain / 16 / std::max<std::int64_t>(1, channels)),
                 [&](std::int64_t from, std::int64_t end) {
                   std::vector<A> scales(static_cast<std::size_t>(channels));
                   for (std::int64_t r = from; r < end; ++r) {
                     dropout_scales(hidden.dropout, hidden.key, (first + r) / rows_a_sample,
                                    (first + r) % rows_a_sample * channels, channels,
                                    A(1 / (1 - hidden.dropout)), scales.data());
                     T* row = to + r * channels;
                     for (std::int64_t i = 0; i < channels; ++i)
                       row[i] = convert<T>(dropped(load(row[i]), scales[std::size_t(i)]));
                   }
                 });
  });
}

// From the gradient of h to that of z, of relu: what dropout left above 0 tells both slopes.
void relu_grad(const HiddenLayer& hidden, const Tensor& h, Tensor& d) {
  dispatch_floating("feed_forward", d.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const A scale = hidden.dropout < 1 ? A(1 / (1 - hidden.dropout)) : A(0);
    const T* __restrict from = h.data<T>();
    T* __restrict to = d.data<T>();
    parallel_for(0, d.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i)
        to[i] = convert<T>(load(from[i]) > A(0) ? load(to[i]) * scale : A(0));
    });
  });
}

const auto& value_of(Activation f) { return f == Activation::gelu ? slots::gelu : slots::quick_gelu; }
const auto& gradient_of(Activation f) {
  return f == Activation::gelu ? slots::gelu_grad : slots::quick_gelu_grad;
}

// Half types: everything in float32, so that a hidden layer is not rounded before it is summed.
void feed_forward_half(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer& hidden,
                       Tensor& kept, Tensor& y);

void feed_forward(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer& hidden, Tensor& kept,
                  Tensor& y) {
  if (x.dtype() != DType::float32 && x.dtype() != DType::float64)
    return feed_forward_half(x, layers, hidden, kept, y);
  const Tensor rows = rows_of(x), keep = rows_of(kept), to = rows_of(y);
  const bool relu = hidden.f == Activation::relu;
  for_blocks(rows.size(0), [&](std::int64_t first, std::int64_t last) {
    const Tensor kept_rows = part(keep, first, last);
    Tensor z = relu ? Tensor() : kept_rows,
           h = relu && kept_rows ? kept_rows : empty({last - first, layers.first.size(0)}, x.dtype());
    slots::linear_activated(kCpu, part(rows, first, last), layers.first, layers.first_bias, hidden.f, z, h);
    drop(hidden, first, x.size(1), h);
    Tensor result = part(to, first, last);
    slots::gemm(kCpu, h, layers.last, layers.last_bias, {.transpose_b = true}, result);
  });
}

void feed_forward_half(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer& hidden,
                       Tensor& kept, Tensor& y) {
  const auto wide = [](const Tensor& t) { return t ? converted(t, DType::float32) : t; };
  Tensor wide_kept = kept ? empty(kept.shape(), DType::float32) : kept,
         wide_y = empty(y.shape(), DType::float32);
  feed_forward(wide(x),
               {wide(layers.first), wide(layers.first_bias), wide(layers.last), wide(layers.last_bias)},
               hidden, wide_kept, wide_y);
  if (kept) slots::copy(kCpu, wide_kept, kept);
  slots::copy(kCpu, wide_y, y);
}

void feed_forward_grad(const Tensor& x, const FeedForwardLayers& layers, const HiddenLayer& hidden,
                       const Tensor& kept, const Tensor& dy, Tensor& dx, bool add, FeedForwardLayers& sums) {
  const Tensor rows = rows_of(x), keep = rows_of(kept), from = rows_of(dy), to = rows_of(dx);
  const bool relu = hidden.f == Activation::relu;
  const auto add_product = [](const Tensor& a, const Tensor& b, Tensor& sum) {
    if (sum) slots::gemm(kCpu, a, b, {}, {.transpose_a = true, .accumulate = true}, sum);
  };
  const auto add_rows = [](const Tensor& d, Tensor& sum) {
    if (sum) slots::accumulate(kCpu, sum_to(d, sum.shape()), sum);
  };
  for_blocks(rows.size(0), [&](std::int64_t first, std::int64_t last) {
    const Tensor d_out = part(from, first, last), kept_rows = part(keep, first, last);
    add_rows(d_out, sums.last_bias);
    if (sums.last) {
      Tensor h = kept_rows;
      if (!relu) {
        h = empty_like(kept_rows);
        value_of(hidden.f)(kCpu, kept_rows, h);
        drop(hidden, first, x.size(1), h);
      }
      add_product(d_out, h, sums.last);
    }
    if (!dx && !sums.first && !sums.first_bias) return;
    Tensor d = empty_like(kept_rows);
    slots::gemm(kCpu, d_out, layers.last, {}, {}, d);
    if (relu) {
      relu_grad(hidden, kept_rows, d);
    } else {
      drop(hidden, first, x.size(1), d);
      gradient_of(hidden.f)(kCpu, kept_rows, d, d);
    }
    add_rows(d, sums.first_bias);
    add_product(d, part(rows, first, last), sums.first);
    Tensor d_in = part(to, first, last);
    if (d_in) slots::gemm(kCpu, d, layers.first, {}, {.accumulate = add}, d_in);
  });
}

}  // namespace

void bind_feed_forward_cpu() {
  slots::feed_forward.bind(DeviceType::cpu, feed_forward);
  slots::feed_forward_grad.bind(DeviceType::cpu, feed_forward_grad);
}

}  // namespace uls::kernels
