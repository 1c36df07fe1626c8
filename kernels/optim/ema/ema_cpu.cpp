// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/strided.h"
#include "kernels/optim/ema/ema_kernel.h"

namespace uls::kernels {
namespace {

void ema(std::vector<EmaSlab>& slabs, double decay) {
  const float take = float(1 - decay);
  for (EmaSlab& slab : slabs) {
    const float* __restrict parameter = slab.parameter.data<float>();
    float* __restrict average = slab.average.data<float>();
    parallel_for(0, slab.average.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) average[i] += take * (parameter[i] - average[i]);
    });
  }
}

}  // namespace

void bind_ema_cpu() { slots::ema.bind(DeviceType::cpu, ema); }

}  // namespace uls::kernels
