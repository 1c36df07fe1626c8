// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/strided.h"
#include "kernels/optim/sgd/sgd_kernel.h"

namespace uls::kernels {
namespace {

void sgd(std::vector<SgdSlab>& slabs, const Tensor& values, const SgdOptions& options) {
  const StepValues& now = step_values(values);
  if (now.skip != 0) return;
  const float factor = float(now.factor()), keep = float(options.momentum);
  const float ahead = options.nesterov ? keep : 1.0f, direct = options.nesterov ? 1.0f : 0.0f;
  for (SgdSlab& slab : slabs) {
    const float rate = float(now.learning_rates[std::size_t(slab.group)]), decay = float(slab.weight_decay);
    const float* __restrict gradient = slab.gradient.data<float>();
    float* __restrict parameter = slab.parameter.data<float>(), * __restrict momentum =
                                                                    keep > 0 ? slab.momentum.data<float>()
                                                                             : nullptr;
    parallel_for(0, slab.parameter.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
      if (momentum)
        for (std::int64_t i = first; i < last; ++i) {
          const float p = parameter[i], g = gradient[i] * factor + decay * p, m = keep * momentum[i] + g;
          momentum[i] = m;
          parameter[i] = p - rate * (direct * g + ahead * m);
        }
      else
        for (std::int64_t i = first; i < last; ++i)
          parameter[i] -= rate * (gradient[i] * factor + decay * parameter[i]);
    });
  }
}

}  // namespace

void bind_sgd_cpu() { slots::sgd.bind(DeviceType::cpu, sgd); }

}  // namespace uls::kernels
