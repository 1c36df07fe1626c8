// SPDX-License-Identifier: Apache-2.0
// Elementwise functions. To add one: a functor in pointwise_math.h, a word in the list of pointwise_kernel.h,
// a declaration here, a row in pointwise_cases.cpp.
//
// All take floating tensors of any shape and strides, return a contiguous tensor of the same type on the same
// device, and are differentiable.
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// max(x, 0); the gradient at 0 is 0.
Tensor relu(const Tensor& x);
/// x Phi(x) with the exact normal distribution function (Hendrycks and Gimpel 2016); PyTorch's default GELU.
Tensor gelu(const Tensor& x);
/// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), the approximation of the same paper.
Tensor gelu_tanh(const Tensor& x);
/// x sigmoid(1.702 x), the activation of CLIP's MLPs (Radford et al. 2021).
Tensor quick_gelu(const Tensor& x);
/// 1 / (1 + exp(-x)).
Tensor sigmoid(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor exp(const Tensor& x);
/// Natural logarithm.
Tensor log(const Tensor& x);
Tensor sqrt(const Tensor& x);
/// x^2.
Tensor square(const Tensor& x);
/// |x|; the gradient at 0 is 0.
Tensor abs(const Tensor& x);

/// factor x + shift.
Tensor affine(const Tensor& x, double factor, double shift);

// Of two tensors with PyTorch's broadcasting; both must have one type and device.
Tensor add(const Tensor& a, const Tensor& b);
Tensor subtract(const Tensor& a, const Tensor& b);
Tensor multiply(const Tensor& a, const Tensor& b);
Tensor divide(const Tensor& a, const Tensor& b);
/// The larger (smaller) one; where they are equal each gets half of the gradient, as in PyTorch.
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return subtract(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return multiply(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return divide(a, b); }
inline Tensor operator*(const Tensor& x, double factor) { return affine(x, factor, 0); }
inline Tensor operator-(const Tensor& x) { return affine(x, -1, 0); }

}  // namespace uls
