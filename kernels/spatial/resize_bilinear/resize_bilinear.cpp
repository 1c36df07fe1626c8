// SPDX-License-Identifier: Apache-2.0
#include "kernels/spatial/resize_bilinear/resize_bilinear.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/common/fused.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/spatial/resize_bilinear/resize_bilinear_kernel.h"

namespace uls {

namespace slots {
KernelSlot<void(const Tensor& x, const Tensor& other, bool align_corners, Tensor& y)> resize_bilinear(
    "resize_bilinear");
KernelSlot<void(const Tensor& dy, bool align_corners, Tensor& dx)> resize_bilinear_grad(
    "resize_bilinear_grad");
}  // namespace slots

Tensor resize_bilinear(const Tensor& x, std::int64_t height, std::int64_t width, bool align_corners,
                       const Tensor& other) {
  const OpScope scope("resize_bilinear");
  kernels::check_floating("resize_bilinear", "x", x);
  ULS_CHECK(x.rank() == 4 && x.size(1) >= 1 && x.size(2) >= 1,
            "resize_bilinear: not an image; got {}; expected [B, H, W, C] with H and W of at least 1",
            to_string(x.shape()));
  ULS_CHECK(height >= 1 && width >= 1, "resize_bilinear: bad size; got {} x {}; expected at least 1 x 1",
            height, width);
  const Shape shape{x.size(0), height, width, x.size(3)};
  if (other) {
    kernels::check_same_kind("resize_bilinear", "other", other, x);
    kernels::check_shape("resize_bilinear", "other", other, shape);
    if (!kernels::fused_kernels()) return add(resize_bilinear(x, height, width, align_corners), other);
  }
  Tensor y = empty(shape, x.dtype(), x.device());
  slots::resize_bilinear(x.device(), contiguous(x), other ? contiguous(other) : other, align_corners, y);
  return record("resize_bilinear", {x, other}, y, [from = x.shape(), align_corners](Gradients& g) {
    const Tensor dy = g.output(0);
    if (g.needs(0)) {
      Tensor dx = empty(from, dy.dtype(), dy.device());
      slots::resize_bilinear_grad(dy.device(), dy, align_corners, dx);
      g.add(0, std::move(dx));
    }
    if (g.needs(1)) g.add(1, dy);
  });
}

}  // namespace uls
