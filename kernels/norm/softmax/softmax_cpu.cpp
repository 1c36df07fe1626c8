// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <vector>

#include "kernels/common/convert.h"
#include "kernels/common/fast_math.h"
#include "kernels/common/lanes.h"
#include "kernels/common/strided.h"
#include "kernels/norm/softmax/softmax_kernel.h"

namespace uls::kernels {
namespace {

// Rows of at most kWidth elements: all loops over a row have that fixed length and a mask, so that the row
// stays in registers.
template <int kWidth, typename T>
void short_rows(const T* __restrict x, std::int64_t rows, std::int64_t length, T* __restrict y) {
  using A = ComputeType<T>;
  const int count = int(length);
  for (std::int64_t r = 0; r < rows; ++r, x += length, y += length) {
    A row[kWidth], lanes[kWidth];
    for (int l = 0; l < kWidth; ++l)
      lanes[l] = row[l] = l < count ? load(x[l]) : -std::numeric_limits<A>::infinity();
    const A top = largest_lane(lanes);
    for (int l = 0; l < kWidth; ++l) lanes[l] = row[l] = fast_exp_negative(row[l] - top);
    const A scale = A(1) / add_lanes(lanes);
    for (int l = 0; l < kWidth; ++l)
      if (l < count) y[l] = convert<T>(row[l] * scale);
  }
}

template <typename T>
void long_rows(const T* __restrict x, std::int64_t rows, std::int64_t length, T* __restrict y) {
  using A = ComputeType<T>;
  std::vector<A> buffer(static_cast<std::size_t>(length));
  A* row = buffer.data();
  for (std::int64_t r = 0; r < rows; ++r, x += length, y += length) {
    for (std::int64_t i = 0; i < length; ++i) row[i] = load(x[i]);
    const A top = lane_max(row, length);
    for (std::int64_t i = 0; i < length; ++i) row[i] = fast_exp_negative(row[i] - top);
    const A scale = A(1) / lane_sum(row, length);
    for (std::int64_t i = 0; i < length; ++i) y[i] = convert<T>(row[i] * scale);
  }
}

template <int kWidth, typename T>
void short_rows_grad(const T* __restrict y, const T* __restrict dy, std::int64_t rows, std::int64_t length,
                     T* __restrict dx) {
  using A = ComputeType<T>;
  const int count = int(length);
  for (std::int64_t r = 0; r < rows; ++r, y += length, dy += length, dx += length) {
    A row[kWidth], grad[kWidth], lanes[kWidth];
    for (int l = 0; l < kWidth; ++l) {
      row[l] = l < count ? load(y[l]) : A(0);
      grad[l] = l < count ? load(dy[l]) : A(0);
      lanes[l] = row[l] * grad[l];
    }
    const A dot = add_lanes(lanes);
    for (int l = 0; l < kWidth; ++l)
      if (l < count) dx[l] = convert<T>(row[l] * (grad[l] - dot));
  }
}

template <typename T>
void long_rows_grad(const T* __restrict y, const T* __restrict dy, std::int64_t rows, std::int64_t length,
                    T* __restrict dx) {
  using A = ComputeType<T>;
  for (std::int64_t r = 0; r < rows; ++r, y += length, dy += length, dx += length) {
    const A dot = lane_sum_of<A>(length, [=](std::int64_t i) { return load(y[i]) * load(dy[i]); });
    for (std::int64_t i = 0; i < length; ++i) dx[i] = convert<T>(load(y[i]) * (load(dy[i]) - dot));
  }
}

void softmax(const Tensor& x, Tensor& y) {
  const std::int64_t length = x.shape().back();
  if (x.numel() == 0) return;
  dispatch_floating("softmax", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto run = length <= 32    ? short_rows<32, T>
                     : length <= 64  ? short_rows<64, T>
                     : length <= 128 ? short_rows<128, T>
                                     : long_rows<T>;
    const T* from = x.data<T>();
    T* to = y.data<T>();
    parallel_for(0, x.numel() / length, kGrain / 4 / length, [&](std::int64_t first, std::int64_t last) {
      run(from + first * length, last - first, length, to + first * length);
    });
  });
}

void softmax_grad(const Tensor& y, const Tensor& dy, Tensor& dx) {
  const std::int64_t length = y.shape().back();
  if (y.numel() == 0) return;
  dispatch_floating("softmax", y.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto run = length <= 32    ? short_rows_grad<32, T>
                     : length <= 64  ? short_rows_grad<64, T>
                     : length <= 128 ? short_rows_grad<128, T>
                                     : long_rows_grad<T>;
    const T *py = y.data<T>(), *pg = dy.data<T>();
    T* to = dx.data<T>();
    parallel_for(0, y.numel() / length, kGrain / 4 / length, [&](std::int64_t first, std::int64_t last) {
      const std::int64_t at = first * length;
      run(py + at, pg + at, last - first, length, to + at);
    });
  });
}

}  // namespace

void bind_softmax_cpu() {
  slots::softmax.bind(DeviceType::cpu, softmax);
  slots::softmax_grad.bind(DeviceType::cpu, softmax_grad);
}

}  // namespace uls::kernels
