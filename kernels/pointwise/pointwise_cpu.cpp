// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/convert.h"
#include "kernels/common/strided.h"
#include "kernels/pointwise/pointwise_kernel.h"
#include "kernels/pointwise/pointwise_math.h"

namespace uls::kernels {
namespace {

template <template <typename> class Functor>
void unary(const Tensor& x, Tensor& y) {
  dispatch_floating("pointwise", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* from = x.data<T>();
    T* to = y.data<T>();
    parallel_for(0, x.numel(), kGrain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i)
        to[i] = convert<T>(Functor<ComputeType<T>>::value(load(from[i])));
    });
  });
}

template <template <typename> class Functor>
void unary_grad(const Tensor& saved, const Tensor& dy, Tensor& dx) {
  dispatch_floating("pointwise", dy.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T *v = saved.data<T>(), *g = dy.data<T>();
    T* to = dx.data<T>();
    parallel_for(0, dy.numel(), kGrain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i)
        to[i] = convert<T>(load(g[i]) * Functor<ComputeType<T>>::slope(load(v[i])));
    });
  });
}

// Calls fn(i, a_i, b_i) for the elements in row-major order, with loops of their own for the strides that
// occur: both running, or one of them repeated along the last dimension.
template <typename T, typename Fn>
void for_each_pair(const Tensor& a, const Tensor& b, Fn fn) {
  const T *pa = a.data<T>(), *pb = b.data<T>();
  const StridedLoop<2> loop({&a, &b});
  const std::int64_t sa = loop.inner_stride(0), sb = loop.inner_stride(1);
  loop.for_each_run(kGrain, [&](const auto& at, std::int64_t count, std::int64_t first) {
    const T *ra = pa + at[0], *rb = pb + at[1];
    if (sa == 1 && sb == 1) {
      for (std::int64_t i = 0; i < count; ++i) fn(first + i, load(ra[i]), load(rb[i]));
    } else if (sa == 1 && sb == 0) {
      for (std::int64_t i = 0; i < count; ++i) fn(first + i, load(ra[i]), load(*rb));
    } else if (sa == 0 && sb == 1) {
      for (std::int64_t i = 0; i < count; ++i) fn(first + i, load(*ra), load(rb[i]));
    } else {
      for (std::int64_t i = 0; i < count; ++i) fn(first + i, load(ra[i * sa]), load(rb[i * sb]));
    }
  });
}

template <template <typename> class Functor>
void binary(const Tensor& a, const Tensor& b, Tensor& y) {
  dispatch_floating("pointwise", y.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    for_each_pair<T>(a, b, [to = y.data<T>()](std::int64_t i, A va, A vb) {
      to[i] = convert<T>(Functor<A>::value(va, vb));
    });
  });
}

template <template <typename> class Functor>
void binary_grad(const Tensor& a, const Tensor& b, const Tensor& dy, Tensor& da, Tensor& db) {
  dispatch_floating("pointwise", dy.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T* g = dy.data<T>();
    if (da)
      for_each_pair<T>(a, b, [g, to = da.data<T>()](std::int64_t i, A va, A vb) {
        to[i] = convert<T>(load(g[i]) * Functor<A>::slope_a(va, vb));
      });
    if (db)
      for_each_pair<T>(a, b, [g, to = db.data<T>()](std::int64_t i, A va, A vb) {
        to[i] = convert<T>(load(g[i]) * Functor<A>::slope_b(va, vb));
      });
  });
}

void affine(const Tensor& x, double factor, double shift, Tensor& y) {
  dispatch_floating("affine", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T* from = x.data<T>();
    T* to = y.data<T>();
    const A f = A(factor), s = A(shift);
    parallel_for(0, x.numel(), kGrain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) to[i] = convert<T>(f * load(from[i]) + s);
    });
  });
}

}  // namespace

void bind_pointwise_cpu() {
#define ULS_BIND(name, Functor)                      \
  slots::name.bind(DeviceType::cpu, unary<Functor>); \
  slots::name##_grad.bind(DeviceType::cpu, unary_grad<Functor>);
  ULS_UNARY_FUNCTIONS(ULS_BIND)
#undef ULS_BIND
#define ULS_BIND(name, Functor)                       \
  slots::name.bind(DeviceType::cpu, binary<Functor>); \
  slots::name##_grad.bind(DeviceType::cpu, binary_grad<Functor>);
  ULS_BINARY_FUNCTIONS(ULS_BIND)
#undef ULS_BIND
  slots::add.bind(DeviceType::cpu, binary<Add>);
  slots::subtract.bind(DeviceType::cpu, binary<Subtract>);
  slots::affine.bind(DeviceType::cpu, affine);
}

}  // namespace uls::kernels
