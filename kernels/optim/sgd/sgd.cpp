// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/sgd/sgd.h"

#include "core/base/op_scope.h"
#include "kernels/optim/sgd/sgd_kernel.h"
#include "kernels/optim/slab_checks.h"

namespace uls {

namespace slots {
KernelSlot<void(std::vector<SgdSlab>& slabs, const Tensor& values, const SgdOptions& options)> sgd("sgd");
}  // namespace slots

void sgd_(std::vector<SgdSlab>& slabs, const Tensor& values, const SgdOptions& options) {
  const OpScope scope("sgd_");
  kernels::check_step_values("sgd_", values);
  ULS_CHECK(options.momentum >= 0, "sgd_: momentum is negative; got {}; expected at least 0",
            options.momentum);
  ULS_CHECK(!options.nesterov || options.momentum > 0,
            "sgd_: nesterov without momentum; got {}; expected above 0", options.momentum);
  for (std::size_t i = 0; i < slabs.size(); ++i) {
    SgdSlab& slab = slabs[i];
    const Shape shape = slab.parameter ? slab.parameter.shape() : Shape();
    kernels::check_slab("sgd_", "parameter", i, slab.parameter, shape, values.device());
    kernels::check_slab("sgd_", "gradient", i, slab.gradient, shape, values.device());
    kernels::check_group("sgd_", i, slab.group);
    check_in_place("sgd_", slab.parameter);
    if (options.momentum == 0) continue;
    kernels::check_slab("sgd_", "momentum", i, slab.momentum, shape, values.device());
    check_in_place("sgd_", slab.momentum);
  }
  slots::sgd(values.device(), slabs, values, options);
}

}  // namespace uls
