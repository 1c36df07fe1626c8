// SPDX-License-Identifier: Apache-2.0
// Convolutions as implicit matrix products (kernels/common/blocked_gemm.h): the matrix of patches is read
// from the image while it is packed and never stored. A group is a product of its own over its channels.
#include "core/tensor/primitives.h"
#include "kernels/common/blocked_gemm.h"
#include "kernels/spatial/conv2d/conv2d_kernel.h"

namespace uls::kernels {
namespace {

using slots::Conv2dSizes;

// Rows are pixels of one side, columns are (tap, channel of the group) of the other side's image.
// Forward and dweight: rows are output pixels, the image is x. kTowardsInput (dx): rows are input pixels, the
// image is dy. Serves as A and as B.
template <typename T, bool kTowardsInput>
struct Patches {
  using C = ComputeType<T>;
  static constexpr bool kRowStrips = true;
  const T* image;  // at the group's first channel
  Conv2dSizes s;

  std::int64_t channels() const { return (kTowardsInput ? s.out_channels : s.in_channels) / s.groups; }

  // The group's first channel at the image's pixel under `tap` for pixel (b, row, column); null in the
  // padding.
  const T* at(std::int64_t b, std::int64_t row, std::int64_t column, std::int64_t tap) const {
    const std::int64_t tap_row = tap / s.kernel_width, tap_column = tap % s.kernel_width;
    std::int64_t y, x;
    if constexpr (kTowardsInput) {
      y = row + s.padding - tap_row;
      x = column + s.padding - tap_column;
      if (y < 0 || x < 0 || y % s.stride || x % s.stride) return nullptr;
      y /= s.stride;
      x /= s.stride;
    } else {
      y = row * s.stride - s.padding + tap_row;
      x = column * s.stride - s.padding + tap_column;
    }
    const std::int64_t height = kTowardsInput ? s.out_height : s.in_height,
                       width = kTowardsInput ? s.out_width : s.in_width;
    if (y < 0 || y >= height || x < 0 || x >= width) return nullptr;
    return image + ((b * height + y) * width + x) * channels() * s.groups;
  }

  // Columns [first, first + count) of one row of the matrix.
  void copy_row(C* __restrict to, std::int64_t row, std::int64_t first, std::int64_t count) const {
    const std::int64_t height = kTowardsInput ? s.in_height : s.out_height,
                       width = kTowardsInput ? s.in_width : s.out_width;
    const std::int64_t b = row / (height * width), y = row / width % height, x = row % width;
    while (count > 0) {
      const std::int64_t tap = first / channels(), channel = first % channels(),
                         run = std::min(count, channels() - channel);
      if (const T* from = at(b, y, x, tap))
        for (std::int64_t i = 0; i < run; ++i) to[i] = load(from[channel + i]);
      else
        std::fill_n(to, run, C(0));
      to += run;
      first += run;
      count -= run;
    }
  }

  template <int W>
  void pack(C* to, std::int64_t i0, std::int64_t count, std::int64_t k0, std::int64_t depth) const {
    if constexpr (W == kTileRows)
      for (std::int64_t i = 0; i < count; ++i)
        copy_row(to + i * GemmBlocks<C>::kDepthStride, i0 + i, k0, depth);
    else
      for (std::int64_t p = 0; p < depth; ++p) copy_row(to + p * W, k0 + p, i0, count);
  }
};

// A group's weights [O / groups, taps, I / groups] as the matrix (tap, O / groups) x I / groups.
template <typename T>
struct WeightsByTap {
  using C = ComputeType<T>;
  const T* data;
  std::int64_t taps, in_channels, out_channels;  // of the group

  template <int W>
  void pack(C* __restrict to, std::int64_t j0, std::int64_t columns, std::int64_t k0,
            std::int64_t depth) const {
    for (std::int64_t p = 0; p < depth; ++p) {
      const std::int64_t tap = (k0 + p) / out_channels, o = (k0 + p) % out_channels;
      const T* from = data + (o * taps + tap) * in_channels + j0;
      for (std::int64_t j = 0; j < columns; ++j) to[p * W + j] = load(from[j]);
    }
  }
};

// Sizes of one group's product.
struct Group {
  std::int64_t in, out, taps, out_pixels, in_pixels;
  explicit Group(const Conv2dSizes& s)
      : in(s.in_channels / s.groups),
        out(s.out_channels / s.groups),
        taps(s.kernel_height * s.kernel_width),
        out_pixels(s.batch * s.out_height * s.out_width),
        in_pixels(s.batch * s.in_height * s.in_width) {}
};

// Calls run(result in the compute type): result itself, or a wide tensor that is rounded into it once.
template <typename T, typename Run>
void with_compute_type(Tensor& result, Run run) {
  constexpr DType kCompute = kDTypeOf<ComputeType<T>>;
  if (result.dtype() == kCompute) return run(result.data<ComputeType<T>>());
  Tensor wide = empty(result.shape(), kCompute);
  run(wide.data<ComputeType<T>>());
  slots::copy(kCpu, wide, result);
}

void conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv2dSizes& s, Tensor& y) {
  if (slots::winograd_pays(s, x.dtype())) return slots::conv2d_winograd(kCpu, x, weight, bias, s, y);
  if (slots::onednn_can(s, x.dtype())) return slots::conv2d_onednn(kCpu, x, weight, bias, s, y);
  dispatch_floating("conv2d", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using C = ComputeType<T>;
    const Group g(s);
    const Tensor wide_bias = bias ? converted(bias, kDTypeOf<C>) : bias;
    with_compute_type<T>(y, [&](C* to) {
      for (std::int64_t i = 0; i < s.groups; ++i)
        blocked_gemm<C>(g.out_pixels, g.out, g.taps * g.in, Patches<T, false>{x.data<T>() + i * g.in, s},
                        MatrixAsB<T, true>{weight.data<T>() + i * g.out * g.taps * g.in, g.taps * g.in},
                        to + i * g.out, s.out_channels, false,
                        bias ? wide_bias.data<C>() + i * g.out : nullptr);
    });
  });
}

void conv2d_grad_input(const Tensor& dy, const Tensor& weight, const Conv2dSizes& s, Tensor& dx) {
  if (slots::winograd_pays(s, dy.dtype())) return slots::conv2d_grad_input_winograd(kCpu, dy, weight, s, dx);
  if (slots::onednn_can(s, dy.dtype())) return slots::conv2d_grad_input_onednn(kCpu, dy, weight, s, dx);
  dispatch_floating("conv2d", dy.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using C = ComputeType<T>;
    const Group g(s);
    with_compute_type<T>(dx, [&](C* to) {
      for (std::int64_t i = 0; i < s.groups; ++i)
        blocked_gemm<C>(g.in_pixels, g.in, g.taps * g.out, Patches<T, true>{dy.data<T>() + i * g.out, s},
                        WeightsByTap<T>{weight.data<T>() + i * g.out * g.taps * g.in, g.taps, g.in, g.out},
                        to + i * g.in, s.in_channels, false, static_cast<const C*>(nullptr));
    });
  });
}

void conv2d_grad_weight(const Tensor& x, const Tensor& dy, const Conv2dSizes& s, Tensor& dweight) {
  if (slots::winograd_pays(s, x.dtype())) return slots::conv2d_grad_weight_winograd(kCpu, x, dy, s, dweight);
  if (slots::onednn_can(s, x.dtype())) return slots::conv2d_grad_weight_onednn(kCpu, x, dy, s, dweight);
  dispatch_floating("conv2d", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using C = ComputeType<T>;
    const Group g(s);
    with_compute_type<T>(dweight, [&](C* to) {
      for (std::int64_t i = 0; i < s.groups; ++i)
        blocked_gemm<C>(g.out, g.taps * g.in, g.out_pixels,
                        MatrixAsA<T, true>{dy.data<T>() + i * g.out, s.out_channels},
                        Patches<T, false>{x.data<T>() + i * g.in, s}, to + i * g.out * g.taps * g.in,
                        g.taps * g.in, false, static_cast<const C*>(nullptr));
    });
  });
}

}  // namespace

void bind_conv2d_cpu() {
  slots::conv2d.bind(DeviceType::cpu, conv2d);
  slots::conv2d_grad_input.bind(DeviceType::cpu, conv2d_grad_input);
  slots::conv2d_grad_weight.bind(DeviceType::cpu, conv2d_grad_weight);
}

}  // namespace uls::kernels
