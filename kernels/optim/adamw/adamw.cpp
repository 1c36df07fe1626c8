// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/adamw/adamw.h"

#include "core/base/op_scope.h"
#include "kernels/optim/adamw/adamw_kernel.h"
#include "kernels/optim/slab_checks.h"

namespace uls {

namespace slots {
KernelSlot<void(std::vector<AdamSlab>& slabs, const Tensor& values, const AdamOptions& options)> adamw(
    "adamw");
}  // namespace slots

void adamw_(std::vector<AdamSlab>& slabs, const Tensor& values, const AdamOptions& options) {
  const OpScope scope("adamw_");
  kernels::check_step_values("adamw_", values);
  ULS_CHECK(options.beta1 >= 0 && options.beta1 < 1 && options.beta2 >= 0 && options.beta2 < 1,
            "adamw_: betas out of range; got {} and {}; expected 0 to below 1", options.beta1, options.beta2);
  for (std::size_t i = 0; i < slabs.size(); ++i) {
    AdamSlab& slab = slabs[i];
    const Shape shape = slab.parameter ? slab.parameter.shape() : Shape();
    const auto check = [&](const char* name, const Tensor& x) {
      kernels::check_slab("adamw_", name, i, x, shape, values.device(), kernels::slab_type(slab.parameter));
    };
    check("parameter", slab.parameter);
    check("gradient", slab.gradient);
    check("mean", slab.mean);
    check("square", slab.square);
    kernels::check_group("adamw_", i, slab.group);
    for (Tensor* changed : {&slab.parameter, &slab.mean, &slab.square}) check_in_place("adamw_", *changed);
  }
  slots::adamw(values.device(), slabs, values, options);
}

}  // namespace uls
