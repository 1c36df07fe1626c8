// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/dice/dice.h"

#include "core/autograd/autograd.h"
#include "kernels/loss/dice/dice_kernel.h"
#include "kernels/loss/loss_inputs.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& logits, const Tensor& target, Tensor& y, Tensor& sums)> dice("dice");
KernelSlot<void(const Tensor& logits, const Tensor& target, const Tensor& sums, const Tensor& dy,
                Tensor& dlogits)>
    dice_grad("dice_grad");
}  // namespace slots

Tensor dice(const Tensor& logits, const Tensor& target) {
  const OpScope scope("dice");
  const Tensor checked = kernels::checked_target("dice", logits, target);
  ULS_CHECK(logits.rank() >= 1, "dice: no dimension of samples; got {}; expected [B, ...]", describe(logits));
  const std::int64_t samples = logits.size(0);
  const Shape rows{samples, samples ? logits.numel() / samples : 0};
  const Tensor x = contiguous(logits).reshaped(rows), t = checked.reshaped(rows);
  Tensor y = empty({}, x.dtype(), x.device()), sums = empty({samples, 2}, DType::float64, x.device());
  slots::dice(x.device(), x, t, y, sums);
  return record("dice", {logits}, y,
                [x = save(x), t = save(t), sums = save(sums), shape = logits.shape()](Gradients& g) {
                  Tensor dx = empty_like(x());
                  slots::dice_grad(dx.device(), x(), t(), sums(), g.output(0), dx);
                  g.add(0, dx.reshaped(shape));
                });
}

}  // namespace uls
