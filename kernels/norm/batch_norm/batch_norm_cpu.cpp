// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/common/convert.h"
#include "kernels/common/strided.h"
#include "kernels/norm/batch_norm/batch_norm_kernel.h"

namespace uls::kernels {
namespace {

// Rows whose sums are taken in the compute type before they join those in float64, so that rounding does not
// grow with the number of rows.
constexpr std::int64_t kBlock = 64;

std::int64_t rows_a_piece(std::int64_t channels) {
  return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, channels));
}

// Of each channel: the number of values, their mean, and the sum of squared differences from it.
struct Moments {
  double count = 0;
  std::vector<double> mean, m2;
};

Moments combined(Moments a, const Moments& b) {
  if (a.count == 0) return b;
  const double count = a.count + b.count, share = b.count / count, weight = a.count * share;
  for (std::size_t c = 0; c < b.mean.size(); ++c) {
    const double d = b.mean[c] - a.mean[c];
    a.mean[c] += d * share;
    a.m2[c] += b.m2[c] + d * d * weight;
  }
  a.count = count;
  return a;
}

template <typename T, typename A>
void add_differences(const T* __restrict x, const A* __restrict pivot, std::int64_t channels,
                     A* __restrict sum, A* __restrict squares) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const A d = load(x[c]) - pivot[c];
    sum[c] += d;
    squares[c] += d * d;
  }
}

// Of at most kBlock rows. Differences are taken from a pivot near the mean, and corrected for what it misses.
template <typename T, typename A = ComputeType<T>>
Moments block_moments(const T* x, std::int64_t rows, const std::vector<double>& near) {
  const std::size_t channels = near.size();
  std::vector<A> pivot(near.begin(), near.end()), sum(channels), squares(channels);
  for (std::int64_t r = 0; r < rows; ++r)
    add_differences(x + r * std::int64_t(channels), pivot.data(), std::int64_t(channels), sum.data(),
                    squares.data());
  Moments block{double(rows), std::vector<double>(channels), std::vector<double>(channels)};
  for (std::size_t c = 0; c < channels; ++c) {
    const double s = double(sum[c]), mean = s / block.count;
    block.mean[c] = double(pivot[c]) + mean;
    block.m2[c] = double(squares[c]) - s * mean;
  }
  return block;
}

// One pass over memory: the pivot is the mean so far, for the first block its own from a pass before. What
// the correction cancels is then at most the part of M2 that lies between blocks, so M2 keeps its digits
// however far from zero the values are.
template <typename T>
Moments moments_of(const T* x, std::int64_t rows, std::int64_t channels) {
  std::vector<double> near;
  for (std::int64_t c = 0; c < channels; ++c) near.push_back(double(load(x[c])));
  Moments total{0, block_moments(x, std::min(kBlock, rows), near).mean, {}};
  for (std::int64_t start = 0; start < rows; start += kBlock) {
    const Moments block = block_moments(x + start * channels, std::min(kBlock, rows - start), total.mean);
    total = combined(std::move(total), block);
  }
  return total;
}

void batch_norm_statistics(const Tensor& x, Tensor& moments) {
  const std::int64_t rows = x.size(0), channels = x.size(1);
  dispatch_floating("batch_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T* from = x.data<T>();
    const auto piece = [&](std::int64_t first, std::int64_t last) {
      return moments_of(from + first * channels, last - first, channels);
    };
    const Moments result = parallel_reduce(0, rows, rows_a_piece(channels), Moments{}, piece, combined);
    A* to = moments.data<A>();
    std::fill_n(to, 3 * channels, A(0));
    for (std::size_t c = 0; c < result.mean.size(); ++c) {
      to[c] = A(result.count);
      to[c + result.mean.size()] = A(result.mean[c]);
      to[c + 2 * result.mean.size()] = A(result.m2[c]);
    }
  });
}

// The rows of `moments`. An empty batch has a finite rstd, which its gradients of 0 are multiplied by.
template <typename A>
struct MomentRows {
  const A *count, *mean, *m2;

  explicit MomentRows(const Tensor& moments)
      : count(moments.data<A>()), mean(count + moments.size(1)), m2(mean + moments.size(1)) {}
  A rstd(std::int64_t c, double eps) const {
    return A(1 / std::sqrt(double(m2[c]) / std::max(1.0, double(count[c])) + eps));
  }
};

template <typename A>
void move_state(const MomentRows<A>& moments, double momentum, BatchNormState& state) {
  A *mean = state.running_mean.data<A>(), *variance = state.running_var.data<A>();
  const auto move = [momentum](A& running, double batch) {
    running = A((1 - momentum) * double(running) + momentum * batch);
  };
  for (std::int64_t c = 0; c < state.running_mean.numel(); ++c) {
    if (moments.count[c] == 0) continue;
    move(mean[c], double(moments.mean[c]));
    move(variance[c], double(moments.m2[c]) / (double(moments.count[c]) - 1));
  }
  ++*state.num_batches_tracked.data<std::int64_t>();
}

template <typename T, typename A>
void apply_row(const T* __restrict x, const A* __restrict mean, const A* __restrict scale,
               const A* __restrict shift, std::int64_t channels, T* __restrict y) {
  for (std::int64_t c = 0; c < channels; ++c) y[c] = convert<T>((load(x[c]) - mean[c]) * scale[c] + shift[c]);
}

void batch_norm_apply(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& moments,
                      const BatchNormOptions& options, BatchNormState& state, Tensor& y) {
  const std::int64_t rows = x.size(0), channels = x.size(1);
  dispatch_floating("batch_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const MomentRows<A> of(moments);
    std::vector<A> scale, shift;
    for (std::int64_t c = 0; c < channels; ++c) {
      scale.push_back(of.rstd(c, options.eps) * load(weight.data<T>()[c]));
      shift.push_back(load(bias.data<T>()[c]));
    }
    if (options.training) move_state(of, options.momentum, state);
    const T* from = x.data<T>();
    T* to = y.data<T>();
    parallel_for(0, rows, rows_a_piece(channels), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t r = first; r < last; ++r)
        apply_row(from + r * channels, of.mean, scale.data(), shift.data(), channels, to + r * channels);
    });
  });
}

template <typename T, typename A>
void add_gradients(const T* __restrict x, const T* __restrict dy, const A* __restrict mean,
                   std::int64_t channels, A* __restrict sum, A* __restrict products) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const A d = load(dy[c]);
    sum[c] += d;
    products[c] += d * (load(x[c]) - mean[c]);
  }
}

void batch_norm_grad_sums(const Tensor& x, const Tensor& moments, double eps, const Tensor& dy,
                          Tensor& sums) {
  const std::int64_t rows = x.size(0), channels = x.size(1);
  dispatch_floating("batch_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    using Sums = std::vector<double>;  // of dy, then of dy (x - mean)
    const MomentRows<A> of(moments);
    const T *px = x.data<T>(), *pg = dy.data<T>();
    const auto piece = [&](std::int64_t first, std::int64_t last) {
      Sums total(static_cast<std::size_t>(2 * channels));
      std::vector<A> block(total.size());
      for (std::int64_t start = first; start < last; start += kBlock) {
        std::fill(block.begin(), block.end(), A(0));
        for (std::int64_t r = start; r < std::min(start + kBlock, last); ++r)
          add_gradients(px + r * channels, pg + r * channels, of.mean, channels, block.data(),
                        block.data() + channels);
        for (std::size_t i = 0; i < total.size(); ++i) total[i] += double(block[i]);
      }
      return total;
    };
    const Sums none(static_cast<std::size_t>(2 * channels));
    const Sums total =
        parallel_reduce(0, rows, rows_a_piece(channels), none, piece, [](Sums a, const Sums& b) {
          for (std::size_t i = 0; i < b.size(); ++i) a[i] += b[i];
          return a;
        });
    A* to = sums.data<A>();
    for (std::int64_t c = 0; c < channels; ++c) {
      to[c] = A(total[std::size_t(c)]);
      to[channels + c] = A(total[std::size_t(channels + c)] * double(of.rstd(c, eps)));
    }
  });
}

// dx = scale (dy - shift - (x - mean) slope). kBatch: mean and variance depend on x.
template <bool kBatch, typename T, typename A>
void grad_row(const T* __restrict x, const T* __restrict dy, const A* __restrict mean,
              const A* __restrict scale, const A* __restrict shift, const A* __restrict slope,
              std::int64_t channels, T* __restrict dx) {
  for (std::int64_t c = 0; c < channels; ++c) {
    A d = load(dy[c]);
    if constexpr (kBatch) d -= shift[c] + (load(x[c]) - mean[c]) * slope[c];
    dx[c] = convert<T>(scale[c] * d);
  }
}

void batch_norm_grad_apply(const Tensor& x, const Tensor& weight, const Tensor& moments, double eps,
                           const Tensor& sums, const Tensor& dy, Tensor& dx) {
  const std::int64_t rows = x.size(0), channels = x.size(1);
  dispatch_floating("batch_norm", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const MomentRows<A> of(moments);
    std::vector<A> scale, shift, slope;
    for (std::int64_t c = 0; c < channels; ++c) {
      const A rstd = of.rstd(c, eps);
      scale.push_back(rstd * load(weight.data<T>()[c]));
      if (!sums) continue;
      shift.push_back(sums.data<A>()[c] / of.count[c]);
      slope.push_back(sums.data<A>()[channels + c] / of.count[c] * rstd);
    }
    const T *px = x.data<T>(), *pg = dy.data<T>();
    T* to = dx.data<T>();
    const auto row = sums ? grad_row<true, T, A> : grad_row<false, T, A>;
    parallel_for(0, rows, rows_a_piece(channels), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t at = first * channels; at < last * channels; at += channels)
        row(px + at, pg + at, of.mean, scale.data(), shift.data(), slope.data(), channels, to + at);
    });
  });
}

}  // namespace

void bind_batch_norm_cpu() {
  slots::batch_norm_statistics.bind(DeviceType::cpu, batch_norm_statistics);
  slots::batch_norm_apply.bind(DeviceType::cpu, batch_norm_apply);
  slots::batch_norm_grad_sums.bind(DeviceType::cpu, batch_norm_grad_sums);
  slots::batch_norm_grad_apply.bind(DeviceType::cpu, batch_norm_grad_apply);
}

}  // namespace uls::kernels
