// SPDX-License-Identifier: Apache-2.0
// The contract that the devices implement, from two lists of (function, functor).
#pragma once

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

#define ULS_UNARY_FUNCTIONS(X) \
  X(relu, Relu)                \
  X(gelu, Gelu)                \
  X(gelu_tanh, GeluTanh)       \
  X(quick_gelu, QuickGelu)     \
  X(sigmoid, Sigmoid)          \
  X(tanh, Tanh)                \
  X(exp, Exp)                  \
  X(log, Log)                  \
  X(sqrt, Sqrt)                \
  X(square, Square)            \
  X(abs, Abs)

#define ULS_BINARY_FUNCTIONS(X) \
  X(multiply, Multiply)         \
  X(divide, Divide)             \
  X(maximum, Maximum)           \
  X(minimum, Minimum)

namespace uls::slots {

// All contiguous and of one shape, type and device; `saved` is the result or the argument, as the functor
// says. y may be x, and dx may be dy.
#define ULS_DECLARE_UNARY(name, Functor)                    \
  extern KernelSlot<void(const Tensor& x, Tensor& y)> name; \
  extern KernelSlot<void(const Tensor& saved, const Tensor& dy, Tensor& dx)> name##_grad;
ULS_UNARY_FUNCTIONS(ULS_DECLARE_UNARY)
#undef ULS_DECLARE_UNARY

// a and b are expanded to the shape of y (strides of 0 where they repeat); y, dy, da, db are contiguous and
// of that shape. An undefined da or db is not wanted.
#define ULS_DECLARE_BINARY(name, Functor)                                                             \
  extern KernelSlot<void(const Tensor& a, const Tensor& b, Tensor& y)> name;                          \
  extern KernelSlot<void(const Tensor& a, const Tensor& b, const Tensor& dy, Tensor& da, Tensor& db)> \
      name##_grad;
ULS_BINARY_FUNCTIONS(ULS_DECLARE_BINARY)
#undef ULS_DECLARE_BINARY
// The same without gradients, which need no kernel of their own.
extern KernelSlot<void(const Tensor& a, const Tensor& b, Tensor& y)> add;
extern KernelSlot<void(const Tensor& a, const Tensor& b, Tensor& y)> subtract;

// y = factor x + shift; contiguous.
extern KernelSlot<void(const Tensor& x, double factor, double shift, Tensor& y)> affine;

}  // namespace uls::slots
