// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/clip/clip.h"

#include "core/base/op_scope.h"
#include "kernels/optim/clip/clip_kernel.h"
#include "kernels/optim/slab_checks.h"

namespace uls {

namespace slots {
KernelSlot<void(Tensor& values, const std::vector<Tensor>& gradients, double max_norm)> clip("clip");
}  // namespace slots

void clip_(Tensor& values, const std::vector<Tensor>& gradients, double max_norm) {
  const OpScope scope("clip_");
  kernels::check_step_values("clip_", values);
  ULS_CHECK(max_norm > 0, "clip_: no norm to clip to; got {}; expected above 0", max_norm);
  for (std::size_t i = 0; i < gradients.size(); ++i)
    kernels::check_slab("clip_", "gradient", i, gradients[i], gradients[i] ? gradients[i].shape() : Shape(),
                        values.device(), kernels::slab_type(gradients[i]));
  check_in_place("clip_", values);
  slots::clip(values.device(), values, gradients, max_norm);
}

}  // namespace uls
