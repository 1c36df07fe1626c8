// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/common/convert.h"
#include "kernels/common/lanes.h"
#include "kernels/common/strided.h"
#include "kernels/norm/layer_norm/layer_norm_kernel.h"

namespace uls::kernels {
namespace {

std::int64_t rows_a_piece(std::int64_t channels) {
  return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, channels));
}

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
        const T* in = from + r * channels;
        T* out = to + r * channels;
        // Two passes over a row that stays in the cache: squares of differences, not a difference of squares.
        const A m = lane_sum_of<A>(channels, [in](std::int64_t i) { return load(in[i]); }) / A(channels);
        const A variance = lane_sum_of<A>(channels,
                                          [in, m](std::int64_t i) {
                                            const A d = load(in[i]) - m;
                                            return d * d;
                                          }) /
                           A(channels);
        const A s = A(1) / std::sqrt(variance + A(eps));
        means[r] = m;
        rstds[r] = s;
        if (w)
          for (std::int64_t i = 0; i < channels; ++i)
            out[i] = convert<T>((load(in[i]) - m) * s * load(w[i]) + load(b[i]));
        else
          for (std::int64_t i = 0; i < channels; ++i) out[i] = convert<T>((load(in[i]) - m) * s);
      }
    });
  });
}

// One row of dx, and its share of the sums for weight and bias. kScaled: there is a weight. The first pass
// takes all sums, the second writes dx from a row that is in the cache by then.
template <typename T, bool kScaled, typename A = ComputeType<T>>
void grad_row(const T* __restrict x, const T* __restrict dy, const T* __restrict w, std::int64_t channels,
              A mean, A rstd, T* __restrict dx, A* __restrict sum_w, A* __restrict sum_b) {
  A lanes_g[kRowLanes] = {}, lanes_gx[kRowLanes] = {};
  const auto take = [&](std::int64_t i, int lane) {
    const A d = load(dy[i]), g = kScaled ? d * load(w[i]) : d, xhat = (load(x[i]) - mean) * rstd;
    lanes_g[lane] += g;
    lanes_gx[lane] += g * xhat;
    sum_w[i] += d * xhat;
    sum_b[i] += d;
  };
  std::int64_t i = 0;
  for (; i + kRowLanes <= channels; i += kRowLanes)
    for (int lane = 0; lane < kRowLanes; ++lane) take(i + lane, lane);
  for (int lane = 0; i < channels; ++i, ++lane) take(i, lane);
  if (!dx) return;
  const A mean_g = add_lanes(lanes_g) / A(channels), mean_gx = add_lanes(lanes_gx) / A(channels);
  for (i = 0; i < channels; ++i) {
    const A g = kScaled ? load(dy[i]) * load(w[i]) : load(dy[i]);
    dx[i] = convert<T>(rstd * (g - mean_g - (load(x[i]) - mean) * rstd * mean_gx));
  }
}

void layer_norm_grad(const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                     const Tensor& dy, Tensor& dx, Tensor& dweight, Tensor& dbias) {
  const std::int64_t rows = x.size(0), channels = x.size(1);
  dispatch_floating("layer_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    using Sums = std::vector<A>;  // of dweight, then of dbias
    const T *px = x.data<T>(), *pg = dy.data<T>(), *w = weight ? weight.data<T>() : nullptr;
    T* to = dx ? dx.data<T>() : nullptr;
    const A *means = mean.data<A>(), *rstds = rstd.data<A>();

    const auto piece = [&](std::int64_t first, std::int64_t last) {
      Sums sums(static_cast<std::size_t>(2 * channels)), block_sums(sums.size());
      A* block = block_sums.data();
      // Sums over many rows are taken in blocks, so that rounding does not grow with their number.
      constexpr std::int64_t kBlock = 64;
      for (std::int64_t start = first; start < last; start += kBlock) {
        std::fill(block_sums.begin(), block_sums.end(), A(0));
        for (std::int64_t r = start; r < std::min(start + kBlock, last); ++r) {
          const std::int64_t at = r * channels;
          const auto row = w ? grad_row<T, true> : grad_row<T, false>;
          row(px + at, pg + at, w, channels, means[r], rstds[r], to ? to + at : nullptr, block,
              block + channels);
        }
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += block_sums[i];
      }
      return sums;
    };
    const Sums sums = parallel_reduce(0, rows, rows_a_piece(channels), Sums{}, piece, [](Sums a, Sums b) {
      if (a.empty()) return b;
      for (std::size_t i = 0; i < b.size(); ++i) a[i] += b[i];
      return a;
    });
    const auto store = [&](Tensor& target, std::int64_t offset) {
      if (!target) return;
      for (std::int64_t i = 0; i < channels; ++i)
        target.data<T>()[i] = convert<T>(sums.empty() ? A(0) : sums[std::size_t(offset + i)]);
    };
    store(dweight, 0);
    store(dbias, channels);
  });
}

}  // namespace

void bind_layer_norm_cpu() {
  slots::layer_norm.bind(DeviceType::cpu, layer_norm);
  slots::layer_norm_grad.bind(DeviceType::cpu, layer_norm_grad);
}

}  // namespace uls::kernels
