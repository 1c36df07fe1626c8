// SPDX-License-Identifier: Apache-2.0
// Images stay channels last for y and dx; weights are repacked at each call, and for dweight x and dy too.
// With stride 1, dx is a forward convolution of dy by the turned weights. These were the fastest ways
// (measured, 512 to 512 channels). Direct sums, no Winograd: its rounding is larger.
#include <algorithm>

#include "core/base/parallel.h"
#include "core/tensor/primitives.h"
#include "kernels/common/onednn.h"
#include "kernels/spatial/conv2d/conv2d_kernel.h"

namespace uls::kernels {
namespace {

using dnnl::memory;
using slots::Conv2dSizes;
using Tag = memory::format_tag;
constexpr auto kFloat = memory::data_type::f32;
constexpr auto kDirect = dnnl::algorithm::convolution_direct;

// Descriptions of the arguments, as they lie in our tensors and with a layout of the library's choice.
struct Descriptions {
  memory::desc x, y, weight, bias, any_x, any_y, any_weight;
  // Past the last row and column only what the strides reach: less than `padding`, or below zero, where they
  // stop short.
  memory::dims stride, padding, far_padding;

  explicit Descriptions(const Conv2dSizes& s)
      : x({s.batch, s.in_channels, s.in_height, s.in_width}, kFloat, Tag::nhwc),
        y({s.batch, s.out_channels, s.out_height, s.out_width}, kFloat, Tag::nhwc),
        bias({s.out_channels}, kFloat, Tag::a),
        any_x(x.dims(), kFloat, Tag::any),
        any_y(y.dims(), kFloat, Tag::any),
        stride{s.stride, s.stride},
        padding{s.padding, s.padding},
        far_padding{far(s.out_height, s.kernel_height, s.in_height, s),
                    far(s.out_width, s.kernel_width, s.in_width, s)} {
    const std::int64_t in = s.in_channels / s.groups, out = s.out_channels / s.groups;
    if (s.groups == 1) weight = memory::desc({out, in, s.kernel_height, s.kernel_width}, kFloat, Tag::ohwi);
    // No tag of the library says [groups, O, kh, kw, I]; the strides do.
    else
      weight = memory::desc({s.groups, out, in, s.kernel_height, s.kernel_width}, kFloat,
                            memory::dims{out * s.kernel_height * s.kernel_width * in,
                                         s.kernel_height * s.kernel_width * in, 1, s.kernel_width * in, in});
    any_weight = memory::desc(weight.dims(), kFloat, Tag::any);
  }

  dnnl::convolution_forward::primitive_desc forward(bool with_bias, const memory::desc& from,
                                                    const memory::desc& to) const {
    const auto kind = dnnl::prop_kind::forward_training;
    if (with_bias)
      return {{kind, kDirect, from, any_weight, bias, to, stride, padding, far_padding}, onednn::engine()};
    return {{kind, kDirect, from, any_weight, to, stride, padding, far_padding}, onednn::engine()};
  }

  static std::int64_t far(std::int64_t out, std::int64_t kernel, std::int64_t in, const Conv2dSizes& s) {
    return (out - 1) * s.stride + kernel - in - s.padding;
  }
};

onednn::Key key(int operation, const Conv2dSizes& s, bool bias) {
  return {operation,      bias,         s.batch,     s.in_height,    s.in_width,
          s.in_channels,  s.out_height, s.out_width, s.out_channels, s.kernel_height,
          s.kernel_width, s.stride,     s.padding,   s.groups};
}

onednn::Argument input(const memory::desc& ours, const memory::desc& wanted) { return {ours, wanted, true}; }
onednn::Argument output(const memory::desc& ours, const memory::desc& wanted) {
  return {ours, wanted, false};
}

void forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv2dSizes& s, Tensor& y) {
  onednn::cached(key(2, s, bool(bias)),
                 [&] {
                   const Descriptions d(s);
                   const auto chosen = d.forward(bool(bias), d.x, d.y);
                   onednn::Primitive made{dnnl::convolution_forward(chosen)};
                   made.arguments.emplace(DNNL_ARG_SRC, input(d.x, chosen.src_desc()));
                   made.arguments.emplace(DNNL_ARG_WEIGHTS, input(d.weight, chosen.weights_desc()));
                   if (bias) made.arguments.emplace(DNNL_ARG_BIAS, input(d.bias, chosen.bias_desc()));
                   made.arguments.emplace(DNNL_ARG_DST, output(d.y, chosen.dst_desc()));
                   return made;
                 })
      .run({{DNNL_ARG_SRC, x.raw_data()},
            {DNNL_ARG_WEIGHTS, weight.raw_data()},
            {DNNL_ARG_BIAS, bias ? bias.raw_data() : nullptr},
            {DNNL_ARG_DST, y.raw_data()}});
}

// dx of stride 1: dy, padded by kernel - 1 - padding, convolved with w'[i, r, c, o] = w[o, kh - 1 - r, kw - 1
// - c, i].
bool turns(const Conv2dSizes& s) {
  return s.stride == 1 && s.groups == 1 && s.kernel_height == s.kernel_width && s.padding < s.kernel_height;
}

void grad_input_turned(const Tensor& dy, const Tensor& weight, const Conv2dSizes& s, Tensor& dx) {
  const std::int64_t taps = s.kernel_height * s.kernel_width, in = s.in_channels, out = s.out_channels;
  // Taps in reverse order, [O, taps, I]; the reorder to the library's layout then swaps O and I.
  Tensor reversed = empty_like(weight);
  parallel_for(0, out * taps, 16, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const std::int64_t mirrored = row / taps * taps + (taps - 1 - row % taps);
      std::copy_n(weight.data<float>() + row * in, in, reversed.data<float>() + mirrored * in);
    }
  });
  onednn::cached(
      key(5, s, false),
      [&] {
        Descriptions d({s.batch, s.out_height, s.out_width, out, s.in_height, s.in_width, in, s.kernel_height,
                        s.kernel_width, 1, s.kernel_height - 1 - s.padding, 1});
        d.weight = memory::desc(d.weight.dims(), kFloat, memory::dims{1, taps * in, s.kernel_width * in, in});
        const auto chosen = d.forward(false, d.x, d.y);
        onednn::Primitive made{dnnl::convolution_forward(chosen)};
        made.arguments.emplace(DNNL_ARG_SRC, input(d.x, chosen.src_desc()));
        made.arguments.emplace(DNNL_ARG_WEIGHTS, input(d.weight, chosen.weights_desc()));
        made.arguments.emplace(DNNL_ARG_DST, output(d.y, chosen.dst_desc()));
        return made;
      })
      .run({{DNNL_ARG_SRC, dy.raw_data()},
            {DNNL_ARG_WEIGHTS, reversed.raw_data()},
            {DNNL_ARG_DST, dx.raw_data()}});
}

void grad_input(const Tensor& dy, const Tensor& weight, const Conv2dSizes& s, Tensor& dx) {
  if (turns(s)) return grad_input_turned(dy, weight, s, dx);
  onednn::cached(key(3, s, false),
                 [&] {
                   const Descriptions d(s);
                   const dnnl::convolution_backward_data::primitive_desc chosen(
                       {kDirect, d.x, d.any_weight, d.y, d.stride, d.padding, d.far_padding},
                       onednn::engine(), d.forward(false, d.x, d.y));
                   onednn::Primitive made{dnnl::convolution_backward_data(chosen)};
                   made.arguments.emplace(DNNL_ARG_DIFF_DST, input(d.y, chosen.diff_dst_desc()));
                   made.arguments.emplace(DNNL_ARG_WEIGHTS, input(d.weight, chosen.weights_desc()));
                   made.arguments.emplace(DNNL_ARG_DIFF_SRC, output(d.x, chosen.diff_src_desc()));
                   return made;
                 })
      .run({{DNNL_ARG_DIFF_DST, dy.raw_data()},
            {DNNL_ARG_WEIGHTS, weight.raw_data()},
            {DNNL_ARG_DIFF_SRC, dx.raw_data()}});
}

void grad_weight(const Tensor& x, const Tensor& dy, const Conv2dSizes& s, Tensor& dweight) {
  onednn::cached(key(4, s, false),
                 [&] {
                   const Descriptions d(s);
                   const dnnl::convolution_backward_weights::primitive_desc chosen(
                       {kDirect, d.any_x, d.any_weight, d.any_y, d.stride, d.padding, d.far_padding},
                       onednn::engine(), d.forward(false, d.any_x, d.any_y));
                   onednn::Primitive made{dnnl::convolution_backward_weights(chosen)};
                   made.arguments.emplace(DNNL_ARG_SRC, input(d.x, chosen.src_desc()));
                   made.arguments.emplace(DNNL_ARG_DIFF_DST, input(d.y, chosen.diff_dst_desc()));
                   made.arguments.emplace(DNNL_ARG_DIFF_WEIGHTS,
                                          output(d.weight, chosen.diff_weights_desc()));
                   return made;
                 })
      .run({{DNNL_ARG_SRC, x.raw_data()},
            {DNNL_ARG_DIFF_DST, dy.raw_data()},
            {DNNL_ARG_DIFF_WEIGHTS, dweight.raw_data()}});
}

}  // namespace

void bind_conv2d_onednn() {
  slots::conv2d_onednn.bind(DeviceType::cpu, forward);
  slots::conv2d_grad_input_onednn.bind(DeviceType::cpu, grad_input);
  slots::conv2d_grad_weight_onednn.bind(DeviceType::cpu, grad_weight);
}

}  // namespace uls::kernels
