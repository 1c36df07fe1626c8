// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "kernels/common/convert.h"
#include "kernels/common/fast_math.h"
#include "kernels/common/lanes.h"
#include "kernels/common/strided.h"
#include "kernels/norm/softmax/softmax_kernel.h"

namespace uls::kernels {
namespace {

// Short rows are worked on side by side, one in each lane, so that no sum crosses lanes; long ones one by
// one. What is short was measured; the gradient has two operands to bring side by side.
constexpr std::int64_t kSideBySide = 16, kShort = 128, kShortGrad = 24;

// Calls many(first, rows) on up to kSideBySide rows at once where rows have at most `most` elements, else
// one(row).
template <typename One, typename Many>
void for_each_row(std::int64_t rows, std::int64_t length, std::int64_t most, One one, Many many) {
  const std::int64_t grain = std::max<std::int64_t>(kSideBySide, kGrain / 4 / length);
  parallel_for(0, rows, grain, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t r = first; r < last; r += kSideBySide) {
      const std::int64_t count = std::min(kSideBySide, last - r);
      if (length <= most)
        many(r, count);
      else
        for (std::int64_t i = 0; i < count; ++i) one(r + i);
    }
  });
}

// tile[i][lane] = element i of row `lane`; lanes without a row repeat the last one.
template <typename T, typename A>
void load_tile(const T* rows, std::int64_t count, std::int64_t length, A (*tile)[kSideBySide]) {
  for (std::int64_t lane = 0; lane < kSideBySide; ++lane) {
    const T* row = rows + std::min(lane, count - 1) * length;
    for (std::int64_t i = 0; i < length; ++i) tile[i][lane] = load(row[i]);
  }
}

template <typename T, typename A>
void store_tile(const A (*tile)[kSideBySide], std::int64_t count, std::int64_t length, T* rows) {
  for (std::int64_t lane = 0; lane < count; ++lane)
    for (std::int64_t i = 0; i < length; ++i) rows[lane * length + i] = convert<T>(tile[i][lane]);
}

template <typename T, typename A = ComputeType<T>>
void softmax_rows(const T* x, std::int64_t count, std::int64_t length, T* y) {
  alignas(64) A tile[kShort][kSideBySide];
  load_tile(x, count, length, tile);
  A top[kSideBySide], total[kSideBySide] = {};
  std::copy_n(tile[0], kSideBySide, top);
  for (std::int64_t i = 1; i < length; ++i)
    for (int l = 0; l < kSideBySide; ++l) top[l] = tile[i][l] > top[l] ? tile[i][l] : top[l];
  for (std::int64_t i = 0; i < length; ++i)
    for (int l = 0; l < kSideBySide; ++l) {
      tile[i][l] = fast_exp(tile[i][l] - top[l]);
      total[l] += tile[i][l];
    }
  for (int l = 0; l < kSideBySide; ++l) total[l] = A(1) / total[l];
  for (std::int64_t i = 0; i < length; ++i)
    for (int l = 0; l < kSideBySide; ++l) tile[i][l] *= total[l];
  store_tile(tile, count, length, y);
}

template <typename T, typename A = ComputeType<T>>
void softmax_row(const T* x, std::int64_t length, T* y) {
  std::vector<A> row(static_cast<std::size_t>(length));
  for (std::int64_t i = 0; i < length; ++i) row[std::size_t(i)] = load(x[i]);
  const A top = lane_max(row.data(), length);
  for (A& value : row) value = fast_exp(value - top);
  const A scale = A(1) / lane_sum(row.data(), length);
  for (std::int64_t i = 0; i < length; ++i) y[i] = convert<T>(row[std::size_t(i)] * scale);
}

void softmax(const Tensor& x, Tensor& y) {
  const std::int64_t length = x.shape().back();
  if (x.numel() == 0) return;
  dispatch_floating("softmax", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* from = x.data<T>();
    T* to = y.data<T>();
    for_each_row(
        x.numel() / length, length, kShort,
        [&](std::int64_t row) { softmax_row(from + row * length, length, to + row * length); },
        [&](std::int64_t first, std::int64_t count) {
          softmax_rows(from + first * length, count, length, to + first * length);
        });
  });
}

template <typename T, typename A = ComputeType<T>>
void grad_rows(const T* y, const T* dy, std::int64_t count, std::int64_t length, T* dx) {
  alignas(64) A ty[kShortGrad][kSideBySide], tg[kShortGrad][kSideBySide], dot[kSideBySide] = {};
  load_tile(y, count, length, ty);
  load_tile(dy, count, length, tg);
  for (std::int64_t i = 0; i < length; ++i)
    for (int l = 0; l < kSideBySide; ++l) dot[l] += ty[i][l] * tg[i][l];
  for (std::int64_t i = 0; i < length; ++i)
    for (int l = 0; l < kSideBySide; ++l) ty[i][l] *= tg[i][l] - dot[l];
  store_tile(ty, count, length, dx);
}

template <typename T, typename A = ComputeType<T>>
void grad_row(const T* y, const T* dy, std::int64_t length, T* dx) {
  const A dot = lane_sum_of<A>(length, [=](std::int64_t i) { return load(y[i]) * load(dy[i]); });
  for (std::int64_t i = 0; i < length; ++i) dx[i] = convert<T>(load(y[i]) * (load(dy[i]) - dot));
}

void softmax_grad(const Tensor& y, const Tensor& dy, Tensor& dx) {
  const std::int64_t length = y.shape().back();
  if (y.numel() == 0) return;
  dispatch_floating("softmax", y.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T *py = y.data<T>(), *pg = dy.data<T>();
    T* to = dx.data<T>();
    for_each_row(
        y.numel() / length, length, kShortGrad,
        [&](std::int64_t row) { grad_row(py + row * length, pg + row * length, length, to + row * length); },
        [&](std::int64_t first, std::int64_t count) {
          const std::int64_t at = first * length;
          grad_rows(py + at, pg + at, count, length, to + at);
        });
  });
}

}  // namespace

void bind_softmax_cpu() {
  slots::softmax.bind(DeviceType::cpu, softmax);
  slots::softmax_grad.bind(DeviceType::cpu, softmax_grad);
}

}  // namespace uls::kernels
