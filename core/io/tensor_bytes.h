// SPDX-License-Identifier: Apache-2.0
// Tensors as the bytes of a file, for every format: row-major, little-endian.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>

#include "core/tensor/tensor.h"

namespace uls {

static_assert(std::endian::native == std::endian::little, "data is used as it lies in files");

using ConsumeBytes = std::function<void(const char* data, std::int64_t bytes)>;

/// Hands x's elements to `consume` in row-major order: at once where x is contiguous, else in pieces of 1
/// MiB. x is on the CPU.
void for_each_piece(const Tensor& x, const ConsumeBytes& consume);

/// Raises Error where a byte is neither 0 nor 1, and so no truth value.
void check_truth_values(const char* data, std::int64_t bytes);

}  // namespace uls
