// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/tensor/primitives.h"
#include "kernels/linear/gemm/gemm_kernel.h"
#include "kernels/linear/linear/linear_kernel.h"
#include "kernels/pointwise/pointwise_kernel.h"

namespace uls::kernels {
namespace {

// Rows of a product that are activated before the next ones are computed, while caches still hold them.
// Measured: the product itself is slower in smaller blocks.
constexpr std::int64_t kBlockRows = 4096;

void linear_activated(const Tensor& x, const Tensor& weight, const Tensor& bias, Activation f, Tensor& z,
                      Tensor& y) {
  const auto& activate = f == Activation::relu   ? slots::relu
                         : f == Activation::gelu ? slots::gelu
                                                 : slots::quick_gelu;
  // Half types: summed and activated in float32, rounded once.
  const bool is_half = y.dtype() != DType::float32 && y.dtype() != DType::float64;
  const Tensor b = bias && is_half ? converted(bias, DType::float32) : bias;
  const std::int64_t rows = x.size(0), blocks = std::max<std::int64_t>(1, rows / kBlockRows);
  for (std::int64_t i = 0; i < blocks; ++i) {
    const auto block_of = [&](const Tensor& t) {
      return t ? t.sliced(0, rows * i / blocks, rows * (i + 1) / blocks) : t;
    };
    Tensor to_z = block_of(z), to_y = block_of(y);
    Tensor sums = is_half ? empty(to_y.shape(), DType::float32) : z ? to_z : to_y;
    Tensor result = is_half ? sums : to_y;
    slots::gemm(kCpu, block_of(x), weight, b, {.transpose_b = true}, sums);
    if (is_half && z) slots::copy(kCpu, sums, to_z);
    activate(kCpu, sums, result);
    if (is_half) slots::copy(kCpu, sums, to_y);
  }
}

}  // namespace

void bind_linear_cpu() { slots::linear_activated.bind(DeviceType::cpu, linear_activated); }

}  // namespace uls::kernels
