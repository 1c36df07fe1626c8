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

std::int64_t rows_a_piece(std::int64_t length) {
  return std::max<std::int64_t>(1, kGrain / 4 / std::max<std::int64_t>(1, length));
}

void softmax(const Tensor& x, Tensor& y) {
  const std::int64_t length = x.shape().back();
  if (x.numel() == 0) return;
  dispatch_floating("softmax", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T* from = x.data<T>();
    T* to = y.data<T>();
    parallel_for(0, x.numel() / length, rows_a_piece(length), [&](std::int64_t first, std::int64_t last) {
      std::vector<A> row(static_cast<std::size_t>(length));
      for (std::int64_t r = first; r < last; ++r) {
        const T* in = from + r * length;
        T* out = to + r * length;
        for (std::int64_t i = 0; i < length; ++i) row[std::size_t(i)] = load(in[i]);
        const A top = lane_max(row.data(), length);
        for (A& value : row) value = fast_exp(value - top);
        const A scale = A(1) / lane_sum(row.data(), length);
        for (std::int64_t i = 0; i < length; ++i) out[i] = convert<T>(row[std::size_t(i)] * scale);
      }
    });
  });
}

void softmax_grad(const Tensor& y, const Tensor& dy, Tensor& dx) {
  const std::int64_t length = y.shape().back();
  if (y.numel() == 0) return;
  dispatch_floating("softmax", y.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T *py = y.data<T>(), *pg = dy.data<T>();
    T* to = dx.data<T>();
    parallel_for(0, y.numel() / length, rows_a_piece(length), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t r = first; r < last; ++r) {
        const T *ry = py + r * length, *rg = pg + r * length;
        const A dot = lane_sum_of<A>(length, [&](std::int64_t i) { return load(ry[i]) * load(rg[i]); });
        for (std::int64_t i = 0; i < length; ++i)
          to[r * length + i] = convert<T>(load(ry[i]) * (load(rg[i]) - dot));
      }
    });
  });
}

}  // namespace

void bind_softmax_cpu() {
  slots::softmax.bind(DeviceType::cpu, softmax);
  slots::softmax_grad.bind(DeviceType::cpu, softmax_grad);
}

}  // namespace uls::kernels
