// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/focal/focal.h"

#include "core/autograd/autograd.h"
#include "kernels/loss/focal/focal_kernel.h"
#include "kernels/loss/loss_inputs.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& logits, const Tensor& target, double alpha, double gamma, Tensor& y)> focal(
    "focal");
KernelSlot<void(const Tensor& logits, const Tensor& target, double alpha, double gamma, const Tensor& dy,
                Tensor& dlogits)>
    focal_grad("focal_grad");
}  // namespace slots

Tensor focal(const Tensor& logits, const Tensor& target, double alpha, double gamma) {
  const OpScope scope("focal");
  kernels::check_focal_options("focal", alpha, gamma);
  const Tensor t = kernels::checked_target("focal", logits, target), x = contiguous(logits);
  Tensor y = empty({}, x.dtype(), x.device());
  slots::focal(x.device(), x, t, alpha, gamma, y);
  return record("focal", {logits}, y, [x = save(x), t = save(t), alpha, gamma](Gradients& g) {
    Tensor dx = empty_like(x());
    slots::focal_grad(dx.device(), x(), t(), alpha, gamma, g.output(0), dx);
    g.add(0, std::move(dx));
  });
}

}  // namespace uls
