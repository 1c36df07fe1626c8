// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/bce_with_logits/bce_with_logits.h"

#include "core/autograd/autograd.h"
#include "kernels/loss/bce_with_logits/bce_with_logits_kernel.h"
#include "kernels/loss/loss_inputs.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& logits, const Tensor& target, Tensor& y)> bce_with_logits("bce_with_logits");
KernelSlot<void(const Tensor& logits, const Tensor& target, const Tensor& dy, Tensor& dlogits)>
    bce_with_logits_grad("bce_with_logits_grad");
}  // namespace slots

Tensor bce_with_logits(const Tensor& logits, const Tensor& target) {
  const OpScope scope("bce_with_logits");
  const Tensor t = kernels::checked_target("bce_with_logits", logits, target), x = contiguous(logits);
  Tensor y = empty({}, x.dtype(), x.device());
  slots::bce_with_logits(x.device(), x, t, y);
  return record("bce_with_logits", {logits}, y, [x = save(x), t = save(t)](Gradients& g) {
    Tensor dx = empty_like(x());
    slots::bce_with_logits_grad(dx.device(), x(), t(), g.output(0), dx);
    g.add(0, std::move(dx));
  });
}

}  // namespace uls
