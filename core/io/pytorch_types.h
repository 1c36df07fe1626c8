// SPDX-License-Identifier: Apache-2.0
// The element types of PyTorch's files.
#pragma once

#include <array>
#include <optional>

#include "core/tensor/dtype.h"

namespace uls {

struct ElementType {
  const char* name;     ///< torch.NAME
  const char* storage;  ///< torch.STORAGE; "" for types that came after the storages' types were given up
  std::int64_t bytes;
  std::optional<DType> dtype;  ///< none where ours lack it
};

inline constexpr std::array<ElementType, 21> kElementTypes{{
    {"float32", "FloatStorage", 4, DType::float32},
    {"float64", "DoubleStorage", 8, DType::float64},
    {"bfloat16", "BFloat16Storage", 2, DType::bfloat16},
    {"float16", "HalfStorage", 2, DType::float16},
    {"int64", "LongStorage", 8, DType::int64},
    {"int32", "IntStorage", 4, DType::int32},
    {"int16", "ShortStorage", 2, DType::int16},
    {"int8", "CharStorage", 1, DType::int8},
    {"uint8", "ByteStorage", 1, DType::uint8},
    {"bool", "BoolStorage", 1, DType::boolean},
    {"complex64", "ComplexFloatStorage", 8, {}},
    {"complex128", "ComplexDoubleStorage", 16, {}},
    {"uint16", "", 2, {}},
    {"uint32", "", 4, {}},
    {"uint64", "", 8, {}},
    {"complex32", "", 4, {}},
    {"float8_e4m3fn", "", 1, {}},
    {"float8_e5m2", "", 1, {}},
    {"float8_e4m3fnuz", "", 1, {}},
    {"float8_e5m2fnuz", "", 1, {}},
    {"untyped", "storage.UntypedStorage", 1, {}},
}};

}  // namespace uls
