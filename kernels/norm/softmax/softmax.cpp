// SPDX-License-Identifier: Apache-2.0
#include "kernels/norm/softmax/softmax.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/norm/softmax/softmax_kernel.h"
#include "kernels/primitives/views/views.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& x, Tensor& y)> softmax("softmax");
KernelSlot<void(const Tensor& y, const Tensor& dy, Tensor& dx)> softmax_grad("softmax_grad");
}  // namespace slots

Tensor softmax(const Tensor& input, int dim) {
  const OpScope scope("softmax");
  kernels::check_floating("softmax", "x", input);
  ULS_CHECK(input.rank() > 0, "softmax: no dimension to work along; got {}; expected at least one",
            describe(input));
  dim = normalize_dim("softmax", dim, input.rank());
  if (dim != input.rank() - 1) {
    const Tensor y = transpose(softmax(transpose(input, dim, -1), -1), dim, -1);
    return reshape(y, y.shape());
  }
  const Tensor x = contiguous(input);
  Tensor y = empty_like(x);
  slots::softmax(x.device(), x, y);
  return record("softmax", {input}, y, [y = save(y)](Gradients& g) {
    Tensor dx = empty_like(y());
    slots::softmax_grad(dx.device(), y(), g.output(0), dx);
    g.add(0, std::move(dx));
  });
}

}  // namespace uls
