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

std::int64_t rows_a_piece(std::int64_t channels) { return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, channels)); }

void layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps, Tensor& y, Tensor& mean,
                Tensor& rstd) {
  const std::int64_t rows = x.size(0), channels = x.size(1);
  dispatch_floating("layer_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T *from = x.data<T>(), *w = weight ? weight.data<T>() : nullptr, *b = bias ? bias.data<T>() : nullptr;
    T* to = y.data<T>();
    A *means = mean.data<A>(), *rstds = rstd.data<A>();
    parallel_for(0, rows, rows_a_piece(channels), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t r = first; r < last; ++r) {
        const T* in = from + r * channels;
        T* out = to + r * channels;
        // Two passes over a row that stays in the cache: squares of differences, not a difference of squares.
        const A m = lane_sum_of<A>(channels, [in](std::int64_t i) { return load(in[i]); }) / A(channels);
        const A variance = lane_sum_of<A>(channels, [in, m](std::int64_t i) {
          const A d = load(in[i]) - m;
          return d * d;
        }) / A(channels);
        const A s = A(1) / std::sqrt(variance + A(eps));
        means[r] = m;
        rstds[r] = s;
        if (w) for (std::int64_t i = 0; i < channels; ++i) out[i] = convert<T>((load(in[i]) - m) * s * load(w[i]) + load(b[i]));
        else for (std::int64_t i = 0; i < channels; ++i) out[i] = convert<T>((load(in[i]) - m) * s);
      }
    });
  });
}

// What one thread adds up over its rows.
template <typename A>
struct WeightSums {
  std::vector<A> dweight, dbias;
};

void layer_norm_grad(const Tensor& x, const Tensor& weight, const Tensor& mean, const Tensor& rstd, const Tensor& dy,
                     Tensor& dx, Tensor& dweight, Tensor& dbias) {
  const std::int64_t rows = x.size(0), channels = x.size(1);
  dispatch_floating("layer_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    using Sums = WeightSums<A>;
    const T *px = x.data<T>(), *pg = dy.data<T>(), *w = weight ? weight.data<T>() : nullptr;
    T* to = dx ? dx.data<T>() : nullptr;
    const A *means = mean.data<A>(), *rstds = rstd.data<A>();
    const bool sums_wanted = dweight || dbias;

    const auto piece = [&](std::int64_t first, std::int64_t last) {
      const auto size = static_cast<std::size_t>(channels);
      Sums sums{std::vector<A>(size), std::vector<A>(size)};
      std::vector<A> block_weight(size), block_bias(size);
      A *block_w = block_weight.data(), *block_b = block_bias.data();
      // Sums over many rows are taken in blocks, so that rounding does not grow with their number.
      constexpr std::int64_t kBlock = 64;
      for (std::int64_t block = first; block < last; block += kBlock) {
        std::fill(block_weight.begin(), block_weight.end(), A(0));
        std::fill(block_bias.begin(), block_bias.end(), A(0));
        for (std::int64_t r = block; r < std::min(block + kBlock, last); ++r) {
          const T *in = px + r * channels, *g = pg + r * channels;
          const A m = means[r], s = rstds[r];
          if (to) {
            const auto scaled = [&](std::int64_t i) { return w ? load(g[i]) * load(w[i]) : load(g[i]); };
            const A mean_g = lane_sum_of<A>(channels, scaled) / A(channels);
            const A mean_gx =
                lane_sum_of<A>(channels, [&](std::int64_t i) { return scaled(i) * (load(in[i]) - m); }) * s / A(channels);
            T* out = to + r * channels;
            for (std::int64_t i = 0; i < channels; ++i)
              out[i] = convert<T>(s * (scaled(i) - mean_g - (load(in[i]) - m) * s * mean_gx));
          }
          if (sums_wanted)
            for (std::int64_t i = 0; i < channels; ++i) {
              block_w[i] += load(g[i]) * (load(in[i]) - m) * s;
              block_b[i] += load(g[i]);
            }
        }
        for (std::size_t i = 0; i < size; ++i) sums.dweight[i] += block_weight[i], sums.dbias[i] += block_bias[i];
      }
      return sums;
    };
    const Sums sums = parallel_reduce(0, rows, rows_a_piece(channels), Sums{}, piece, [](Sums a, Sums b) {
      if (a.dweight.empty()) return b;
      for (std::size_t i = 0; i < b.dweight.size(); ++i) a.dweight[i] += b.dweight[i], a.dbias[i] += b.dbias[i];
      return a;
    });
    const auto store = [&](Tensor& target, const std::vector<A>& values) {
      if (!target) return;
      for (std::int64_t i = 0; i < channels; ++i)
        target.data<T>()[i] = convert<T>(values.empty() ? A(0) : values[std::size_t(i)]);
    };
    store(dweight, sums.dweight);
    store(dbias, sums.dbias);
  });
}

}  // namespace

void bind_layer_norm_cpu() {
  slots::layer_norm.bind(DeviceType::cpu, layer_norm);
  slots::layer_norm_grad.bind(DeviceType::cpu, layer_norm_grad);
}

}  // namespace uls::kernels
