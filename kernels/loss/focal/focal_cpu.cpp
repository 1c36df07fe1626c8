// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "kernels/loss/focal/focal_kernel.h"
#include "kernels/loss/logit_math.h"
#include "kernels/loss/mean_loss_cpu.h"

namespace uls::kernels {
namespace {

template <typename A>
struct Formula {
  A alpha, gamma;

  A weight(A t) const { return alpha * t + (A(1) - alpha) * (A(1) - t); }
  // Above zero, so that powers and quotients are finite where p and t agree to the last digit. A sum, not a
  // choice: the loops stay free of branches.
  static A positive(A m) { return m + std::numeric_limits<A>::min(); }
  A power(A m) const { return fast_exp(gamma * fast_log(m)); }

  A value(A x, A t) const {
    const LogitParts<A> parts(x);
    return weight(t) * power(positive(parts.miss(t))) * parts.cost(t);
  }
  A slope(A x, A t) const {
    const LogitParts<A> parts(x);
    const A m = positive(parts.miss(t));
    return weight(t) * power(m) * (parts.slope(t) + gamma * parts.cost(t) * (parts.miss_slope(t) / m));
  }
};

auto maker(double alpha, double gamma) {
  return [=](auto zero) {
    using A = decltype(zero);
    return Formula<A>{A(alpha), A(gamma)};
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
