// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// True where shape, type and every bit are the same; both on the CPU, of any strides.
bool same_bits(const Tensor& a, const Tensor& b);

}  // namespace uls
