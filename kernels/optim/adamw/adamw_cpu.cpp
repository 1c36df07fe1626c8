// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/strided.h"
#include "kernels/optim/adamw/adamw_kernel.h"

namespace uls::kernels {
namespace {

template <typename T>
void update(AdamSlab& slab, const StepValues& now, const AdamOptions& options) {
  const double correction1 = 1 - std::pow(options.beta1, now.step),
               correction2 = 1 - std::pow(options.beta2, now.step);
  const double rate = now.learning_rates[std::size_t(slab.group)];
  const T factor = T(now.factor()), keep2 = T(options.beta2), take1 = T(1 - options.beta1),
          take2 = T(1 - options.beta2), root = T(1 / std::sqrt(correction2)), eps = T(options.eps),
          stride = T(rate / correction1), shrink = options.decoupled ? T(1 - rate * slab.weight_decay) : T(1),
          decay = options.decoupled ? T(0) : T(slab.weight_decay);
  const T* __restrict gradient = slab.gradient.data<T>();
  T *__restrict parameter = slab.parameter.data<T>(), *__restrict mean = slab.mean.data<T>(),
                *__restrict square = slab.square.data<T>();
  parallel_for(0, slab.parameter.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const T p = parameter[i], g = gradient[i] * factor + decay * p;
      const T m = mean[i] + take1 * (g - mean[i]), v = keep2 * square[i] + take2 * g * g;
      mean[i] = m;
      square[i] = v;
      parameter[i] = p * shrink - stride * m / (std::sqrt(v) * root + eps);
    }
  });
}

void adamw(std::vector<AdamSlab>& slabs, const Tensor& values, const AdamOptions& options) {
  const StepValues& now = step_values(values);
  if (now.skip != 0) return;
  for (AdamSlab& slab : slabs)
    (slab.parameter.dtype() == DType::float64 ? update<double> : update<float>)(slab, now, options);
}

}  // namespace

void bind_adamw_cpu() { slots::adamw.bind(DeviceType::cpu, adamw); }

}  // namespace uls::kernels
