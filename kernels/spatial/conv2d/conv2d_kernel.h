// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls::slots {

/// The sizes of a convolution: letters as in conv2d.h.
struct Conv2dSizes {
  std::int64_t batch, in_height, in_width, in_channels;
  std::int64_t out_height, out_width, out_channels;
  std::int64_t kernel_height, kernel_width, stride, padding, groups;
};

// All contiguous and of one type: x, dx [B, H, W, I]; y, dy [B, OH, OW, O]; weight, dweight [O, kh, kw, I /
// groups]; bias [O] or undefined.
using Conv2dSlot = KernelSlot<void(const Tensor& x, const Tensor& weight, const Tensor& bias,
                                   const Conv2dSizes& sizes, Tensor& y)>;
using Conv2dGradInputSlot =
    KernelSlot<void(const Tensor& dy, const Tensor& weight, const Conv2dSizes& sizes, Tensor& dx)>;
using Conv2dGradWeightSlot =
    KernelSlot<void(const Tensor& x, const Tensor& dy, const Conv2dSizes& sizes, Tensor& dweight)>;
extern Conv2dSlot conv2d;
extern Conv2dGradInputSlot conv2d_grad_input;
extern Conv2dGradWeightSlot conv2d_grad_weight;

// The same by oneDNN, which the CPU functions use where onednn_can() says so.
extern Conv2dSlot conv2d_onednn;
extern Conv2dGradInputSlot conv2d_grad_input_onednn;
extern Conv2dGradWeightSlot conv2d_grad_weight_onednn;
/// In this build, for float32, and with anything to compute.
bool onednn_can(const Conv2dSizes& sizes, DType dtype);

// The same by Winograd's minimal filtering, with fewer products, which the CPU functions use where
// winograd_pays() says so. float32 and float64.
extern Conv2dSlot conv2d_winograd;
extern Conv2dGradInputSlot conv2d_grad_input_winograd;
extern Conv2dGradWeightSlot conv2d_grad_weight_winograd;
/// 3 x 3, of stride 1 and padding 1, without groups, for float32 or float64.
bool winograd_can(const Conv2dSizes& sizes, DType dtype);
/// And large enough that the products outweigh the transforms.
bool winograd_pays(const Conv2dSizes& sizes, DType dtype);

}  // namespace uls::slots
