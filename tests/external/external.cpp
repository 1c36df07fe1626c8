// SPDX-License-Identifier: Apache-2.0
// An operation written outside of the project, on its tape next to one of the library's.
#include <cstdio>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/rooms.h"
#include "kernels/linear/linear/linear.h"

// x^3 of a contiguous float64 tensor.
uls::Tensor cube(const uls::Tensor& x) {
  const uls::OpScope scope("cube");
  uls::Tensor y = uls::empty_like(x);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const double value = x.data<double>()[i];
    y.data<double>()[i] = value * value * value;
  }
  return uls::record("cube", {x}, y, [x = uls::save(x)](uls::Gradients& g) {
    uls::Tensor dx = uls::empty_like(x());
    for (std::int64_t i = 0; i < dx.numel(); ++i) {
      const double value = x().data<double>()[i];
      dx.data<double>()[i] = 3 * value * value * g.output(0).data<double>()[i];
    }
    g.add(0, dx);
  });
}

int main() {
  uls::kernels::bind_kernels();
  // y = (2 * 1 + 3 * -2 + 1)^3 = -27; dy/dw = 3 * 9 * x.
  const uls::Tensor x = uls::from_values<double>({1, 2}, {2, 3});
  const uls::Tensor weight = uls::from_values<double>({1, 2}, {1, -2}).set_requires_grad();
  const uls::Tensor y = cube(uls::linear(x, weight, uls::from_values<double>({1}, {1})));
  uls::backward(y);
  const auto gradient = uls::to_doubles(weight.grad());
  std::printf("y %g, gradient %g %g\n", y.item<double>(), gradient[0], gradient[1]);
  return y.item<double>() == -27 && gradient[0] == 54 && gradient[1] == 81 ? 0 : 1;
}
