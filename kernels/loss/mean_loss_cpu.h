// SPDX-License-Identifier: Apache-2.0
// CPU code of losses that are the mean of a formula of (logit, target). `make(A())` gives the formula in the
// compute type A: an object with value(x, t) and slope(x, t) = d value / dx.
#pragma once

#include <functional>

#include "kernels/common/convert.h"
#include "kernels/common/lanes.h"
#include "kernels/common/strided.h"

namespace uls::kernels {

/// y [] of logits' type = mean of the values; NaN for no elements.
template <typename Make>
void mean_loss(const char* op, const Tensor& logits, const Tensor& target, Tensor& y, Make make) {
  dispatch_floating(op, logits.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const auto formula = make(A());
    const T* px = logits.data<T>();
    const A* pt = target.data<A>();
    const std::int64_t count = logits.numel();
    const double sum = parallel_reduce(
        0, count, kGrain, 0.0,
        [=](std::int64_t first, std::int64_t last) {
          const T* x = px + first;
          const A* t = pt + first;
          return lane_sum_of<double>(last - first,
                                     [=](std::int64_t i) { return double(formula.value(load(x[i]), t[i])); });
        },
        std::plus<>());
    *y.data<T>() = convert<T>(A(sum / double(count)));
  });
}

/// dlogits = dy / count * slope.
template <typename Make>
void mean_loss_grad(const char* op, const Tensor& logits, const Tensor& target, const Tensor& dy,
                    Tensor& dlogits, Make make) {
  dispatch_floating(op, logits.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const auto formula = make(A());
    const T* x = logits.data<T>();
    const A* t = target.data<A>();
    T* dx = dlogits.data<T>();
    const std::int64_t count = logits.numel();
    const A factor = load(*dy.data<T>()) / A(count);
    parallel_for(0, count, kGrain, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i)
        dx[i] = convert<T>(factor * formula.slope(load(x[i]), t[i]));
    });
  });
}

}  // namespace uls::kernels
