// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/strided.h"
#include "kernels/optim/adamw/adamw_kernel.h"

namespace uls::kernels {
namespace {

void adamw(std::vector<AdamSlab>& slabs, const Tensor& values, const AdamOptions& options) {
  const StepValues& now = step_values(values);
  if (now.skip != 0) return;
  const double correction1 = 1 - std::pow(options.beta1, now.step),
               correction2 = 1 - std::pow(options.beta2, now.step);
  const float factor = float(now.factor()), keep2 = float(options.beta2), take1 = float(1 - options.beta1),
              take2 = float(1 - options.beta2), root = float(1 / std::sqrt(correction2)),
              eps = float(options.eps);
  for (AdamSlab& slab : slabs) {
    const double rate = now.learning_rates[std::size_t(slab.group)];
    const float stride = float(rate / correction1);
    const float shrink = options.decoupled ? float(1 - rate * slab.weight_decay) : 1.0f;
    const float decay = options.decoupled ? 0.0f : float(slab.weight_decay);
    const float* __restrict gradient = slab.gradient.data<float>();
    float *__restrict parameter = slab.parameter.data<float>(), *__restrict mean = slab.mean.data<float>(),
                      *__restrict square = slab.square.data<float>();
    parallel_for(0, slab.parameter.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) {
        const float p = parameter[i], g = gradient[i] * factor + decay * p;
        const float m = mean[i] + take1 * (g - mean[i]), v = keep2 * square[i] + take2 * g * g;
        mean[i] = m;
        square[i] = v;
        parameter[i] = p * shrink - stride * m / (std::sqrt(v) * root + eps);
      }
    });
  }
}

}  // namespace

void bind_adamw_cpu() { slots::adamw.bind(DeviceType::cpu, adamw); }

}  // namespace uls::kernels
