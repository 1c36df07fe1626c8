// SPDX-License-Identifier: Apache-2.0
// Layer norm of one row on the CPU, and its gradient: what layer_norm and the rooms that fuse it share.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/tensor/tensor.h"
#include "kernels/common/convert.h"
#include "kernels/common/lanes.h"
#include "kernels/common/strided.h"

namespace uls::kernels {

inline std::int64_t rows_a_piece(std::int64_t channels) {
  return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, channels));
}

template <typename A>
struct RowMoments {
  A mean, rstd;
};

/// y = (x - mean) rstd w + b; w and b may be null together.
template <typename T, typename A = ComputeType<T>>
RowMoments<A> normalize_row(const T* x, const T* w, const T* b, std::int64_t channels, A eps, T* y) {
  // Two passes over a row that stays in the cache: squares of differences, not a difference of squares.
  const A mean = lane_sum_of<A>(channels, [x](std::int64_t i) { return load(x[i]); }) / A(channels);
  const A variance = lane_sum_of<A>(channels,
                                    [x, mean](std::int64_t i) {
                                      const A d = load(x[i]) - mean;
                                      return d * d;
                                    }) /
                     A(channels);
  const A rstd = A(1) / std::sqrt(variance + eps);
  if (w)
    for (std::int64_t i = 0; i < channels; ++i)
      y[i] = convert<T>((load(x[i]) - mean) * rstd * load(w[i]) + load(b[i]));
  else
    for (std::int64_t i = 0; i < channels; ++i) y[i] = convert<T>((load(x[i]) - mean) * rstd);
  return {mean, rstd};
}

/// The gradient of one row, added to dx where `add`, and its share of the sums for weight and bias. dx may be
/// null. kScaled: there is a weight. The first pass takes all sums, the second writes dx from a row that is
/// in the cache by then.
template <typename T, bool kScaled, typename A>
void normalize_row_grad(const T* __restrict x, const T* __restrict dy, const T* __restrict w,
                        std::int64_t channels, RowMoments<A> moments, T* __restrict dx, bool add,
                        A* __restrict sum_w, A* __restrict sum_b) {
  const auto [mean, rstd] = moments;
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
  const auto slope = [&](std::int64_t c) {
    const A g = kScaled ? load(dy[c]) * load(w[c]) : load(dy[c]);
    return rstd * (g - mean_g - (load(x[c]) - mean) * rstd * mean_gx);
  };
  if (add)
    for (i = 0; i < channels; ++i) dx[i] = convert<T>(load(dx[i]) + slope(i));
  else
    for (i = 0; i < channels; ++i) dx[i] = convert<T>(slope(i));
}

/// Calls row(r, sum_w, sum_b) for every row, of a copy of `row` for each thread, and stores the sums as far
/// as they are wanted.
template <typename T, typename Row, typename A = ComputeType<T>>
void layer_norm_grad_rows(std::int64_t rows, std::int64_t channels, const Row& each_row, Tensor& dweight,
                          Tensor& dbias) {
  using Sums = std::vector<A>;  // of dweight, then of dbias
  const auto piece = [&](std::int64_t first, std::int64_t last) {
    Row row = each_row;
    Sums sums(static_cast<std::size_t>(2 * channels)), block_sums(sums.size());
    // Sums over many rows are taken in blocks, so that rounding does not grow with their number.
    constexpr std::int64_t kBlock = 64;
    for (std::int64_t start = first; start < last; start += kBlock) {
      std::fill(block_sums.begin(), block_sums.end(), A(0));
      for (std::int64_t r = start; r < std::min(start + kBlock, last); ++r)
        row(r, block_sums.data(), block_sums.data() + channels);
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
}

}  // namespace uls::kernels
