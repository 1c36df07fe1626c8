// SPDX-License-Identifier: Apache-2.0
// The library's product where it is in the build and knows the type, else the plain one.
#include "core/tensor/primitives.h"
#include "kernels/common/blocked_gemm.h"
#include "kernels/linear/gemm/gemm_kernel.h"

namespace uls::kernels {
namespace {

// c has the compute type of a and b.
template <typename T>
void plain_gemm(const Tensor& a, const Tensor& b, const Tensor& bias, const slots::GemmOptions& options,
                Tensor& c) {
  using C = ComputeType<T>;
  const std::int64_t m = c.size(0), n = c.size(1), k = a.size(options.transpose_a ? 0 : 1);
  const auto run = [&](const auto& panels_a, const auto& panels_b) {
    blocked_gemm<C>(m, n, k, panels_a, panels_b, c.data<C>(), n, options.accumulate,
                    bias ? bias.data<C>() : nullptr);
  };
  const auto with_a = [&](const auto& panels_a) {
    if (options.transpose_b)
      run(panels_a, MatrixAsB<T, true>{b.data<T>(), k});
    else
      run(panels_a, MatrixAsB<T, false>{b.data<T>(), n});
  };
  if (options.transpose_a)
    with_a(MatrixAsA<T, true>{a.data<T>(), m});
  else
    with_a(MatrixAsA<T, false>{a.data<T>(), k});
}

void gemm(const Tensor& a, const Tensor& b, const Tensor& bias, const slots::GemmOptions& options,
          Tensor& c) {
  if (a.dtype() == DType::float32 && slots::gemm_onednn.bound(DeviceType::cpu)) {
    slots::gemm_onednn(kCpu, a, b, bias, options, c);
    return;
  }
  dispatch_floating("gemm", a.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    constexpr DType kCompute = kDTypeOf<ComputeType<T>>;
    if (c.dtype() == kCompute) {
      plain_gemm<T>(a, b, bias ? converted(bias, kCompute) : bias, options, c);
      return;
    }
    // Half types: summed in float32 and rounded once.
    Tensor wide = options.accumulate ? converted(c, kCompute) : empty(c.shape(), kCompute);
    plain_gemm<T>(a, b, bias ? converted(bias, kCompute) : bias, options, wide);
    slots::copy(kCpu, wide, c);
  });
}

}  // namespace

void bind_gemm_cpu() { slots::gemm.bind(DeviceType::cpu, gemm); }

}  // namespace uls::kernels
