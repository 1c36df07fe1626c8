// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/dtype.h"

namespace uls {

std::int64_t size_of(DType type) {
  std::int64_t size = 0;
  dispatch_all(type, [&](auto tag) { size = sizeof(typename decltype(tag)::type); });
  return size;
}

bool is_floating(DType type) {
  return type == DType::float32 || type == DType::float64 || type == DType::bfloat16 ||
         type == DType::float16;
}

const char* to_string(DType type) {
  switch (type) {
    case DType::float32:
      return "float32";
    case DType::float64:
      return "float64";
    case DType::bfloat16:
      return "bfloat16";
    case DType::float16:
      return "float16";
    case DType::int64:
      return "int64";
    case DType::int32:
      return "int32";
    case DType::int16:
      return "int16";
    case DType::int8:
      return "int8";
    case DType::uint8:
      return "uint8";
    case DType::boolean:
      return "bool";
  }
  return "?";
}

}  // namespace uls
