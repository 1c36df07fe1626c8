// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>

#include "kernels/common/lanes.h"
#include "kernels/common/strided.h"
#include "kernels/optim/clip/clip_kernel.h"

namespace uls::kernels {
namespace {

template <typename T>
double sum_of_squares(const Tensor& gradient) {
  return parallel_reduce(
      0, gradient.numel(), kGrain, 0.0,
      [from = gradient.data<T>()](std::int64_t first, std::int64_t last) {
        return lane_sum_of<double>(
            last - first, [g = from + first](std::int64_t i) { return double(g[i]) * double(g[i]); });
      },
      std::plus<>());
}

void clip(Tensor& values, const std::vector<Tensor>& gradients, double max_norm) {
  double sum = 0;
  for (const Tensor& gradient : gradients)
    sum += gradient.dtype() == DType::float64 ? sum_of_squares<double>(gradient)
                                              : sum_of_squares<float>(gradient);
  StepValues& now = step_values(values);
  now.gradient_norm = std::abs(now.gradient_scale) * std::sqrt(sum);
  now.clip_factor = std::isinf(max_norm) ? 1 : std::min(1.0, max_norm / (now.gradient_norm + 1e-6));
  now.skip = std::isfinite(sum) ? 0 : 1;
}

}  // namespace

void bind_clip_cpu() { slots::clip.bind(DeviceType::cpu, clip); }

}  // namespace uls::kernels
