// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/focal/focal_kernel.h"
#include "kernels/loss/focal/focal_math.h"
#include "kernels/loss/mean_loss_cpu.h"

namespace uls::kernels {
namespace {

template <typename A>
struct Formula {
  FocalFormula<A> focal;

  A value(A x, A t) const { return focal.value(LogitParts<A>(x), t); }
  A slope(A x, A t) const { return focal.slope(LogitParts<A>(x), t); }
};

auto maker(double alpha, double gamma) {
  return [=](auto zero) {
    using A = decltype(zero);
    return Formula<A>{{A(alpha), A(gamma)}};
  };
}

void focal(const Tensor& logits, const Tensor& target, double alpha, double gamma, Tensor& y) {
  mean_loss("focal", logits, target, y, maker(alpha, gamma));
}

void focal_grad(const Tensor& logits, const Tensor& target, double alpha, double gamma, const Tensor& dy,
                Tensor& dlogits) {
  mean_loss_grad("focal", logits, target, dy, dlogits, maker(alpha, gamma));
}

}  // namespace

void bind_focal_cpu() {
  slots::focal.bind(DeviceType::cpu, focal);
  slots::focal_grad.bind(DeviceType::cpu, focal_grad);
}

}  // namespace uls::kernels
