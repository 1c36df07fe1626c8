// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/window_attention/window_attention.h"

#include <algorithm>
#include <cmath>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/attention/attention/attention.h"
#include "kernels/attention/window_attention/window_attention_kernel.h"
#include "kernels/attention/window_attention/window_attention_math.h"
#include "kernels/common/checks.h"
#include "kernels/common/fused.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/concat/concat.h"
#include "kernels/primitives/views/views.h"

namespace uls {

namespace slots {
namespace {

// Of one product over all pairs of pixels of all windows, padding too.
double product_flops(const Tensor& qkv, const WindowAttentionOptions& options) {
  const WindowAxis rows(qkv.size(1), options.window, 0), columns(qkv.size(2), options.window, 0);
  const std::int64_t area = options.window * options.window;
  return 2.0 * double(qkv.size(0) * rows.windows * columns.windows) * double(area * area) *
         double(qkv.size(3) / 3);
}
// Scores and y; and the gradients of both products.
double forward_flops(const Tensor& qkv, const Tensor&, const Tensor&, const WindowAttentionOptions& options,
                     Tensor&, Tensor&) {
  return 2 * product_flops(qkv, options);
}
double grad_flops(const Tensor& qkv, const Tensor&, const Tensor&, const WindowAttentionOptions& options,
                  const Tensor&, const Tensor&, Tensor&, Tensor&, Tensor&) {
  return 4 * product_flops(qkv, options);
}

}  // namespace

KernelSlot<void(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
                const WindowAttentionOptions& options, Tensor& y, Tensor& lse)>
    window_attention("window_attention", forward_flops);
KernelSlot<void(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
                const WindowAttentionOptions& options, const Tensor& lse, const Tensor& dy, Tensor& dqkv,
                Tensor& dqkv_bias, Tensor& dbias_table)>
    window_attention_grad("window_attention_grad", grad_flops);
}  // namespace slots

namespace {

void check_channels(const Tensor& qkv, const Tensor& bias_table, std::int64_t heads, std::int64_t side) {
  ULS_CHECK(heads >= 1 && qkv.shape().back() % (3 * heads) == 0,
            "window_attention: channels do not split into q, k and v of all heads; got {} channels and {} "
            "heads; expected a multiple of {}",
            qkv.shape().back(), heads, 3 * std::max<std::int64_t>(1, heads));
  kernels::check_same_kind("window_attention", "bias_table", bias_table, qkv);
  kernels::check_shape("window_attention", "bias_table", bias_table,
                       {(2 * side - 1) * (2 * side - 1), heads});
}

void check(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
           const WindowAttentionOptions& options) {
  kernels::check_floating("window_attention", "qkv", qkv);
  ULS_CHECK(qkv.rank() == 4, "window_attention: qkv is no map; got {}; expected [B, H, W, 3C]",
            describe(qkv));
  ULS_CHECK(options.window >= 1, "window_attention: no window; got a side of {}; expected at least 1",
            options.window);
  ULS_CHECK(options.shift >= 0 && options.shift < options.window,
            "window_attention: shift is outside of the window; got {}; expected one in [0, {})",
            options.shift, options.window);
  check_channels(qkv, bias_table, options.heads, options.window);
  if (!qkv_bias) return;
  kernels::check_same_kind("window_attention", "qkv_bias", qkv_bias, qkv);
  kernels::check_shape("window_attention", "qkv_bias", qkv_bias, {qkv.size(3)});
}

// `count` elements along `dim` from `first` on; the last one is followed by the first.
Tensor cyclic(const Tensor& x, int dim, std::int64_t first, std::int64_t count) {
  const std::int64_t ahead = std::min(count, x.size(dim) - first);
  return concat({slice(x, dim, first, first + ahead), slice(x, dim, 0, count - ahead)}, dim);
}

// [windows of an image, K K, K K]
Tensor shift_mask(const WindowAxis& rows, const WindowAxis& columns, const Tensor& like) {
  const std::int64_t side = rows.side, seam = side - rows.shift;
  Tensor mask = zeros({rows.windows, columns.windows, side, side, side, side}, like.dtype(), like.device());
  for (const int axis : {0, 1})
    for (const bool rolled : {false, true}) {
      const Tensor queries = mask.sliced(axis, mask.size(axis) - 1, mask.size(axis))
                                 .sliced(2 + axis, rolled ? seam : 0, rolled ? side : seam);
      Tensor unseen = queries.sliced(4 + axis, rolled ? 0 : seam, rolled ? seam : side);
      fill_(unseen, kUnseen);
    }
  return mask.reshaped({rows.windows * columns.windows, side * side, side * side});
}

Tensor composed(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
                const WindowAttentionOptions& options) {
  const WindowAxis rows(qkv.size(1), options.window, options.shift),
      columns(qkv.size(2), options.window, options.shift);
  const std::int64_t batch = qkv.size(0), side = options.window, channels = qkv.size(3);
  Tensor map = qkv;
  for (const auto& [dim, axis] : {std::pair{1, rows}, std::pair{2, columns}}) {
    Shape shape = map.shape();
    shape[dim] = axis.windows * side - axis.size;
    const Tensor padding = qkv_bias ? expand(reshape(qkv_bias, {1, 1, 1, channels}), shape)
                                    : zeros(shape, qkv.dtype(), qkv.device());
    map = concat({map, padding}, dim);
    map = cyclic(map, dim, axis.shift, map.size(dim));
  }
  const Shape cut{batch, rows.windows, side, columns.windows, side, channels};
  const Tensor windows = reshape(permute(reshape(map, cut), {0, 1, 3, 2, 4, 5}), {-1, side * side, channels});
  const Tensor mask = options.shift > 0 ? shift_mask(rows, columns, qkv) : Tensor();
  Tensor y = window_attention_with_mask(windows, bias_table, mask, options.heads);
  y = permute(reshape(y, {batch, rows.windows, columns.windows, side, side, channels / 3}),
              {0, 1, 3, 2, 4, 5});
  y = reshape(y, {batch, rows.windows * side, columns.windows * side, channels / 3});
  for (const auto& [dim, axis] : {std::pair{1, rows}, std::pair{2, columns}})
    y = cyclic(y, dim, y.size(dim) - axis.shift, axis.size);
  return y;
}

}  // namespace

Tensor window_attention(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
                        const WindowAttentionOptions& options) {
  const OpScope scope("window_attention");
  check(qkv, qkv_bias, bias_table, options);
  const std::int64_t side = options.window;
  const std::int64_t windows = qkv.size(0) * WindowAxis(qkv.size(1), side, options.shift).windows *
                               WindowAxis(qkv.size(2), side, options.shift).windows;
  if (windows > 0 && !kernels::fused_kernels()) return composed(qkv, qkv_bias, bias_table, options);

  const Tensor from = contiguous(qkv), table = contiguous(bias_table);
  const Tensor padding = qkv_bias ? contiguous(qkv_bias) : qkv_bias;
  const DType statistics = from.dtype() == DType::float64 ? DType::float64 : DType::float32;
  Tensor y = empty({qkv.size(0), qkv.size(1), qkv.size(2), qkv.size(3) / 3}, from.dtype(), from.device());
  Tensor lse = empty({windows, options.heads, side * side}, statistics, from.device());
  slots::window_attention(from.device(), from, padding, table, options, y, lse);

  return record("window_attention", {qkv, qkv_bias, bias_table}, y,
                [from = save(from), padding = save(padding), table = save(table), lse = save(lse),
                 options](Gradients& g) {
                  Tensor dqkv = g.needs(0) ? empty_like(from()) : Tensor();
                  Tensor dqkv_bias = g.needs(1) ? empty_like(padding()) : Tensor();
                  Tensor dtable = g.needs(2) ? empty_like(table()) : Tensor();
                  slots::window_attention_grad(from().device(), from(), padding(), table(), options, lse(),
                                               g.output(0), dqkv, dqkv_bias, dtable);
                  if (dqkv) g.add(0, std::move(dqkv));
                  if (dqkv_bias) g.add(1, std::move(dqkv_bias));
                  if (dtable) g.add(2, std::move(dtable));
                });
}

Tensor window_attention_with_mask(const Tensor& qkv, const Tensor& bias_table, const Tensor& mask,
                                  std::int64_t heads) {
  const OpScope scope("window_attention_with_mask");
  kernels::check_floating("window_attention", "qkv", qkv);
  ULS_CHECK(qkv.rank() == 3, "window_attention: qkv holds no windows; got {}; expected [windows, K K, 3C]",
            describe(qkv));
  const std::int64_t windows = qkv.size(0), tokens = qkv.size(1), channels = qkv.size(2) / 3;
  const std::int64_t side = std::llround(std::sqrt(double(tokens)));
  ULS_CHECK(side >= 1 && side * side == tokens,
            "window_attention: windows are not square; got {} tokens; expected K K of them", tokens);
  check_channels(qkv, bias_table, heads, side);
  if (mask) {
    kernels::check_same_kind("window_attention", "mask", mask, qkv);
    ULS_CHECK(mask.rank() == 3 && mask.size(0) >= 1 && windows % mask.size(0) == 0,
              "window_attention: mask does not fit the windows; got {} for {} windows; expected [nW, K K, "
              "K K] with nW windows an image",
              describe(mask), windows);
    kernels::check_shape("window_attention", "mask", mask, {mask.size(0), tokens, tokens});
  }

  // What key (s, t) gives to all queries: a window of the table, from (K - 1 - s, K - 1 - t) on.
  const Tensor table = reshape(bias_table, {2 * side - 1, 2 * side - 1, heads});
  std::vector<Tensor> keys;
  for (std::int64_t s = side - 1; s >= 0; --s)
    for (std::int64_t t = side - 1; t >= 0; --t)
      keys.push_back(reshape(slice(slice(table, 0, s, s + side), 1, t, t + side), {1, 1, 1, tokens, heads}));
  Tensor bias = permute(concat(keys, 0), {1, 2, 4, 3, 0});  // [1, 1, N, query, key]
  if (mask) bias = bias + reshape(mask, {1, mask.size(0), 1, tokens, tokens});
  bias = expand(bias, {windows / bias.size(1), bias.size(1), heads, tokens, tokens});
  const auto part = [&](std::int64_t i) { return slice(qkv, 2, i * channels, (i + 1) * channels); };
  return attention_with_weights(part(0), part(1), part(2), {.heads = heads}, {},
                                reshape(bias, {windows, heads, tokens, tokens}))
      .y;
}

}  // namespace uls
