// SPDX-License-Identifier: Apache-2.0
#include "kernels/spatial/conv2d/conv2d.h"

#include <algorithm>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"
#include "kernels/primitives/reduce/reduce.h"
#include "kernels/spatial/conv2d/conv2d_kernel.h"

namespace uls {

namespace slots {
namespace {

// Of all three: every pixel of y meets every weight of its group once.
double flops(const Conv2dSizes& s) {
  return 2.0 * double(s.batch * s.out_height * s.out_width * s.out_channels) *
         double(s.kernel_height * s.kernel_width * s.in_channels / s.groups);
}
double forward_flops(const Tensor&, const Tensor&, const Tensor&, const Conv2dSizes& s, Tensor&) {
  return flops(s);
}
double grad_flops(const Tensor&, const Tensor&, const Conv2dSizes& s, Tensor&) { return flops(s); }

}  // namespace

Conv2dSlot conv2d("conv2d", forward_flops), conv2d_onednn("conv2d_onednn"),
    conv2d_winograd("conv2d_winograd");
Conv2dGradInputSlot conv2d_grad_input("conv2d_grad_input", grad_flops),
    conv2d_grad_input_onednn("conv2d_grad_input_onednn"),
    conv2d_grad_input_winograd("conv2d_grad_input_winograd");
Conv2dGradWeightSlot conv2d_grad_weight("conv2d_grad_weight", grad_flops),
    conv2d_grad_weight_onednn("conv2d_grad_weight_onednn"),
    conv2d_grad_weight_winograd("conv2d_grad_weight_winograd");

bool onednn_can(const Conv2dSizes& sizes, DType dtype) {
  return dtype == DType::float32 && conv2d_onednn.bound(DeviceType::cpu) && sizes.batch > 0 &&
         sizes.in_channels > 0 && sizes.out_channels > 0;
}

bool winograd_can(const Conv2dSizes& sizes, DType dtype) {
  return (dtype == DType::float32 || dtype == DType::float64) && sizes.kernel_height == 3 &&
         sizes.kernel_width == 3 && sizes.stride == 1 && sizes.padding == 1 && sizes.groups == 1;
}

bool winograd_pays(const Conv2dSizes& sizes, DType dtype) {
  return winograd_can(sizes, dtype) && std::min(sizes.in_channels, sizes.out_channels) >= 64 &&
         sizes.batch * sizes.out_height * sizes.out_width >= 800;
}
}  // namespace slots

namespace {

slots::Conv2dSizes check_sizes(const Tensor& x, const Tensor& weight, const Tensor& bias,
                               const Conv2dOptions& options) {
  kernels::check_floating("conv2d", "x", x);
  kernels::check_same_kind("conv2d", "weight", weight, x);
  ULS_CHECK(x.rank() == 4 && weight.rank() == 4,
            "conv2d: wrong number of dimensions; got {} and {}; expected [B, H, W, I] and [O, kh, kw, I]",
            to_string(x.shape()), to_string(weight.shape()));
  const auto& [stride, padding, groups] = options;
  ULS_CHECK(stride >= 1 && padding >= 0 && groups >= 1,
            "conv2d: bad options; got stride {}, padding {}, groups {}; expected at least 1, 0, 1", stride,
            padding, groups);
  const std::int64_t in = x.size(3), out = weight.size(0), kh = weight.size(1), kw = weight.size(2);
  ULS_CHECK(
      in % groups == 0 && out % groups == 0 && weight.size(3) * groups == in,
      "conv2d: channels do not fit; got x {}, weight {}, {} groups; expected a weight of {} input channels",
      to_string(x.shape()), to_string(weight.shape()), groups, in / groups);
  const std::int64_t height = x.size(1) + 2 * padding - kh, width = x.size(2) + 2 * padding - kw;
  ULS_CHECK(kh >= 1 && kw >= 1 && height >= 0 && width >= 0,
            "conv2d: the kernel does not fit the image; got {} on {} with padding {}; expected a smaller one",
            to_string(weight.shape()), to_string(x.shape()), padding);
  if (bias) {
    kernels::check_same_kind("conv2d", "bias", bias, x);
    kernels::check_shape("conv2d", "bias", bias, {out});
  }
  return {x.size(0), x.size(1), x.size(2), in,    height / stride + 1, width / stride + 1, out, kh,
          kw,        stride,    padding,   groups};
}

}  // namespace

Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const Conv2dOptions& options) {
  const OpScope scope("conv2d");
  const slots::Conv2dSizes sizes = check_sizes(input, weight, bias, options);
  const Tensor x = contiguous(input), w = contiguous(weight), b = bias ? contiguous(bias) : bias;
  Tensor y =
      empty({sizes.batch, sizes.out_height, sizes.out_width, sizes.out_channels}, x.dtype(), x.device());
  slots::conv2d(x.device(), x, w, b, sizes, y);
  return record("conv2d", {input, weight, bias}, y, [x = save(x), w = save(w), sizes](Gradients& g) {
    const Tensor dy = g.output(0);
    if (g.needs(0)) {
      Tensor dx = empty_like(x());
      slots::conv2d_grad_input(dy.device(), dy, w(), sizes, dx);
      g.add(0, std::move(dx));
    }
    if (g.needs(1)) {
      Tensor dw = empty_like(w());
      slots::conv2d_grad_weight(dy.device(), x(), dy, sizes, dw);
      g.add(1, std::move(dw));
    }
    if (g.needs(2)) g.add(2, sum_to(dy, {sizes.out_channels}));
  });
}

}  // namespace uls
