// SPDX-License-Identifier: Apache-2.0
// What the reader and the writer of safetensors must agree on.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/tensor/dtype.h"

namespace uls::safetensors_format {

inline constexpr std::int64_t kLengthBytes = 8;
inline constexpr std::int64_t kMaxHeaderBytes = 100'000'000;  // the Python package's own bound
inline constexpr const char* kMetadata = "__metadata__";

// In the order of DType.
inline constexpr std::array<std::string_view, kDTypes> kTypeNames{"F32", "F64", "BF16", "F16", "I64",
                                                                  "I32", "I16", "I8",   "U8",  "BOOL"};

}  // namespace uls::safetensors_format
