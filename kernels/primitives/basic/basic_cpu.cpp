// SPDX-License-Identifier: Apache-2.0
// CPU code of the five kernels that the engine needs (core/tensor/primitives.h). Any strides, any types.
#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/tensor/primitives.h"
#include "kernels/common/convert.h"
#include "kernels/common/strided.h"

namespace uls::kernels {
namespace {

void fill(Tensor& y, double value) {
  dispatch_all(y.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T element = convert<T>(value);
    T* base = y.data<T>();
    const StridedLoop<1> loop({&y});
    loop.for_each_run(kGrain,
                      [&, stride = loop.inner_stride(0)](const auto& at, std::int64_t count, std::int64_t) {
                        T* run = base + at[0];
                        if (stride == 1)
                          std::fill_n(run, count, element);
                        else
                          for (std::int64_t i = 0; i < count; ++i) run[i * stride] = element;
                      });
  });
}

// Calls update(y_i, x_i), with loops of their own, which are vectorised, where y runs contiguously and x does
// so too or repeats one element.
template <typename X, typename Y, typename Update>
void update_each(const Tensor& x, Tensor& y, Update update) {
  const X* from = x.data<X>();
  Y* to = y.data<Y>();
  const StridedLoop<2> loop({&x, &y});
  const std::int64_t sx = loop.inner_stride(0), sy = loop.inner_stride(1);
  loop.for_each_run(kGrain, [&](const auto& at, std::int64_t count, std::int64_t) {
    const X* a = from + at[0];
    Y* b = to + at[1];
    if (sx == 1 && sy == 1)
      for (std::int64_t i = 0; i < count; ++i) update(b[i], a[i]);
    else if (sx == 0 && sy == 1)
      for (std::int64_t i = 0; i < count; ++i) update(b[i], *a);
    else
      for (std::int64_t i = 0; i < count; ++i) update(b[i * sy], a[i * sx]);
  });
}

void copy(const Tensor& x, Tensor& y) {
  dispatch_all(x.dtype(), [&](auto from) {
    dispatch_all(y.dtype(), [&](auto to) {
      using X = typename decltype(from)::type;
      using Y = typename decltype(to)::type;
      update_each<X, Y>(x, y, [](Y& element, X value) { element = convert<Y>(value); });
    });
  });
}

void accumulate(const Tensor& x, Tensor& y) {
  dispatch_floating("accumulate", x.dtype(), [&](auto from) {
    dispatch_floating("accumulate", y.dtype(), [&](auto to) {
      using X = typename decltype(from)::type;
      using Y = typename decltype(to)::type;
      update_each<X, Y>(x, y, [](Y& sum, X value) {
        sum = convert<Y>(load(sum) + static_cast<ComputeType<Y>>(load(value)));
      });
    });
  });
}

void scale(Tensor& y, double factor) {
  dispatch_floating("scale", y.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto f = static_cast<ComputeType<T>>(factor);
    update_each<T, T>(y, y, [f](T& value, T) { value = convert<T>(load(value) * f); });
  });
}

void find_non_finite(const Tensor& x, Tensor& index) {
  dispatch_floating("find_non_finite", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* base = x.data<T>();
    std::atomic<std::int64_t> found{x.numel()};
    const StridedLoop<1> loop({&x});
    loop.for_each_run(
        kGrain, [&, stride = loop.inner_stride(0)](const auto& at, std::int64_t count, std::int64_t first) {
          for (std::int64_t i = 0; i < count && first + i < found; ++i)
            if (!std::isfinite(load(base[at[0] + i * stride]))) {
              std::int64_t known = found;
              while (first + i < known && !found.compare_exchange_weak(known, first + i)) {
              }
            }
        });
    *index.data<std::int64_t>() = found < x.numel() ? found.load() : -1;
  });
}

}  // namespace

void bind_basic_cpu() {
  slots::fill.bind(DeviceType::cpu, fill);
  slots::copy.bind(DeviceType::cpu, copy);
  slots::accumulate.bind(DeviceType::cpu, accumulate);
  slots::scale.bind(DeviceType::cpu, scale);
  slots::find_non_finite.bind(DeviceType::cpu, find_non_finite);
}

}  // namespace uls::kernels
