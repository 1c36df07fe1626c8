// SPDX-License-Identifier: Apache-2.0
// How a parameter lies in weights files, where that differs from memory. Values, gradients, moments and
// averages of a parameter all convert here and nowhere else.
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

enum class FileLayout {
  same,
  convolution  // [O, I, kh, kw] in files, [O, kh, kw, I] in memory, where channels come last
};

/// The shape in a file of what has `shape` in memory.
Shape file_shape(const Shape& shape, FileLayout layout);

/// Views without history: a tensor of the memory's layout as files have it, and back.
Tensor to_file_layout(const Tensor& x, FileLayout layout);
Tensor from_file_layout(const Tensor& x, FileLayout layout);

}  // namespace uls
