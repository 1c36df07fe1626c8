// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/ema/ema.h"

#include "core/base/op_scope.h"
#include "kernels/optim/ema/ema_kernel.h"
#include "kernels/optim/slab_checks.h"

namespace uls {

namespace slots {
KernelSlot<void(std::vector<EmaSlab>& slabs, double decay)> ema("ema");
}  // namespace slots

void ema_(std::vector<EmaSlab>& slabs, double decay) {
  const OpScope scope("ema_");
  ULS_CHECK(decay >= 0 && decay <= 1, "ema_: decay is no share; got {}; expected 0 to 1", decay);
  if (slabs.empty()) return;
  const Device device = slabs[0].average ? slabs[0].average.device() : kCpu;
  for (std::size_t i = 0; i < slabs.size(); ++i) {
    EmaSlab& slab = slabs[i];
    const Shape shape = slab.average ? slab.average.shape() : Shape();
    kernels::check_slab("ema_", "average", i, slab.average, shape, device);
    kernels::check_slab("ema_", "parameter", i, slab.parameter, shape, device);
    check_in_place("ema_", slab.average);
  }
  slots::ema(device, slabs, decay);
}

}  // namespace uls
