// SPDX-License-Identifier: Apache-2.0
// Sine encodings of positions (Vaswani et al. 2017; in two dimensions as Carion et al. 2020, DETR): constants
// of the sizes, without a gradient. Computed in float64 and rounded once to the floating type `dtype`.
//
// Feature i of an angle a, of C features: sin(a / f) for even i, cos(a / f) for odd i, with
// f = 10000^(2 floor(i / 2) / C).
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// [length, channels]: position t = 0 ... L - 1 has the angle 2 pi (t + 1) / (L + 1e-6).
Tensor position_encoding_1d(std::int64_t length, std::int64_t channels, DType dtype = DType::float32,
                            Device device = kCpu);

/// [height, width, channels], channels even: the first half are features of the row y = 0 ... H - 1 with the
/// angle 2 pi (y + 0.5) / (H + 1e-6), the second half those of the column, likewise.
Tensor position_encoding_2d(std::int64_t height, std::int64_t width, std::int64_t channels,
                            DType dtype = DType::float32, Device device = kCpu);

}  // namespace uls
