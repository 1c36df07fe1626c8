// SPDX-License-Identifier: Apache-2.0
// The five kernels that the engine itself needs, and how tensors are made with them.
// The slots are bound by kernels/primitives.
#pragma once

#include <vector>

#include "core/device/kernel_slot.h"
#include "core/tensor/tensor.h"

namespace uls {

namespace slots {
// Any strides; x and y have one shape and device.
extern KernelSlot<void(Tensor& y, double value)> fill;           // y = value
extern KernelSlot<void(const Tensor& x, Tensor& y)> copy;        // y = x, converted to y's type
extern KernelSlot<void(const Tensor& x, Tensor& y)> accumulate;  // y += x
extern KernelSlot<void(Tensor& y, double factor)> scale;         // y *= factor
extern KernelSlot<void(const Tensor& x, Tensor& index)>
    find_non_finite;  // int64 [1]: first NaN or infinity, or -1
}  // namespace slots

/// Contents undefined.
Tensor empty(const Shape& shape, DType dtype = DType::float32, Device device = kCpu);
/// Contiguous, of x's shape, type and device; contents undefined.
Tensor empty_like(const Tensor& x);
Tensor full(const Shape& shape, double value, DType dtype = DType::float32, Device device = kCpu);
Tensor zeros(const Shape& shape, DType dtype = DType::float32, Device device = kCpu);
Tensor zeros_like(const Tensor& x);

/// A CPU tensor with the given values in row-major order. Raises Error where their number does not fit.
template <typename T>
Tensor from_values(const Shape& shape, const std::vector<T>& values);

/// The values in row-major order, converted to double, from any strides and type.
std::vector<double> to_doubles(const Tensor& x);

/// A contiguous copy without history.
Tensor clone(const Tensor& x);
/// x itself where it is contiguous, else clone(x). Without history in the copy.
Tensor contiguous(const Tensor& x);
/// x itself where it has the type, else a converted copy. Without history in the copy.
Tensor converted(const Tensor& x, DType dtype);

/// What every function that changes y in place calls first: raises Error where y has history that is being
/// recorded, and makes tensors saved from y notice the change.
void check_in_place(const char* op, Tensor& y);

void fill_(Tensor& y, double value);
void copy_(Tensor& y, const Tensor& x);
void accumulate_(Tensor& y, const Tensor& x);
void scale_(Tensor& y, double factor);

/// Position in row-major order of the first NaN or infinity, or -1.
std::int64_t find_non_finite(const Tensor& x);

}  // namespace uls
