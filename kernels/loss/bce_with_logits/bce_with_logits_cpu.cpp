// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/bce_with_logits/bce_with_logits_kernel.h"
#include "kernels/loss/logit_math.h"
#include "kernels/loss/mean_loss_cpu.h"

namespace uls::kernels {
namespace {

template <typename A>
struct Formula {
  A value(A x, A t) const { return LogitParts<A>(x).cost(t); }
  A slope(A x, A t) const { return LogitParts<A>(x).slope(t); }
};

constexpr auto kMake = [](auto zero) { return Formula<decltype(zero)>(); };

void bce_with_logits(const Tensor& logits, const Tensor& target, Tensor& y) {
  mean_loss("bce_with_logits", logits, target, y, kMake);
}

void bce_with_logits_grad(const Tensor& logits, const Tensor& target, const Tensor& dy, Tensor& dlogits) {
  mean_loss_grad("bce_with_logits", logits, target, dy, dlogits, kMake);
}

}  // namespace

void bind_bce_with_logits_cpu() {
  slots::bce_with_logits.bind(DeviceType::cpu, bce_with_logits);
  slots::bce_with_logits_grad.bind(DeviceType::cpu, bce_with_logits_grad);
}

}  // namespace uls::kernels
