// SPDX-License-Identifier: Apache-2.0
// Sine positions of the sizes that a model meets, made once each.
#pragma once

#include "core/tensor/tensor.h"

namespace uls {

/// position_encoding_2d(height, width, channels), [H, W, C]: shared by all who ask for the same.
Tensor positions_2d(std::int64_t height, std::int64_t width, std::int64_t channels, DType dtype,
                    Device device);

/// position_encoding_1d(length, channels), [L, C], likewise.
Tensor positions_1d(std::int64_t length, std::int64_t channels, DType dtype, Device device);

}  // namespace uls
