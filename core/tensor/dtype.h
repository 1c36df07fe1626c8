// SPDX-License-Identifier: Apache-2.0
// Element types, and the one place where a run-time type becomes a template argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/tensor/half.h"

namespace uls {

enum class DType : unsigned char {
  float32,
  float64,
  bfloat16,
  float16,
  int64,
  int32,
  int16,
  int8,
  uint8,
  boolean
};
inline constexpr int kDTypes = 10;

std::int64_t size_of(DType type);
bool is_floating(DType type);

/// "float32" ... "bool".
const char* to_string(DType type);

template <typename T>
struct TypeTag {
  using type = T;
};

namespace detail {
template <typename T>
struct DTypeOf;
template <DType D>
struct DTypeConstant {
  static constexpr DType value = D;
};
template <>
struct DTypeOf<float> : DTypeConstant<DType::float32> {};
template <>
struct DTypeOf<double> : DTypeConstant<DType::float64> {};
template <>
struct DTypeOf<bfloat16> : DTypeConstant<DType::bfloat16> {};
template <>
struct DTypeOf<float16> : DTypeConstant<DType::float16> {};
template <>
struct DTypeOf<std::int64_t> : DTypeConstant<DType::int64> {};
template <>
struct DTypeOf<std::int32_t> : DTypeConstant<DType::int32> {};
template <>
struct DTypeOf<std::int16_t> : DTypeConstant<DType::int16> {};
template <>
struct DTypeOf<std::int8_t> : DTypeConstant<DType::int8> {};
template <>
struct DTypeOf<std::uint8_t> : DTypeConstant<DType::uint8> {};
template <>
struct DTypeOf<bool> : DTypeConstant<DType::boolean> {};
}  // namespace detail

/// The DType of a C++ element type; other types do not compile.
template <typename T>
inline constexpr DType kDTypeOf = detail::DTypeOf<T>::value;

/// The type in which arithmetic on T is done: float for the half types, T itself otherwise.
template <typename T>
struct ComputeTypeOf {
  using type = T;
};
template <>
struct ComputeTypeOf<bfloat16> {
  using type = float;
};
template <>
struct ComputeTypeOf<float16> {
  using type = float;
};
template <typename T>
using ComputeType = typename ComputeTypeOf<T>::type;

/// Calls fn(TypeTag<T>{}) for the floating type; any other raises Error naming `op`.
template <typename Fn>
void dispatch_floating(const char* op, DType type, Fn&& fn) {
  switch (type) {
    case DType::float32:
      return fn(TypeTag<float>{});
    case DType::float64:
      return fn(TypeTag<double>{});
    case DType::bfloat16:
      return fn(TypeTag<bfloat16>{});
    case DType::float16:
      return fn(TypeTag<float16>{});
    default:
      fail("{}: not a floating type; got {}; expected float32, float64, bfloat16 or float16", op,
           to_string(type));
  }
}

/// Calls fn(TypeTag<T>{}) for any type.
template <typename Fn>
void dispatch_all(DType type, Fn&& fn) {
  switch (type) {
    case DType::int64:
      return fn(TypeTag<std::int64_t>{});
    case DType::int32:
      return fn(TypeTag<std::int32_t>{});
    case DType::int16:
      return fn(TypeTag<std::int16_t>{});
    case DType::int8:
      return fn(TypeTag<std::int8_t>{});
    case DType::uint8:
      return fn(TypeTag<std::uint8_t>{});
    case DType::boolean:
      return fn(TypeTag<bool>{});
    default:
      return dispatch_floating("dispatch_all", type, fn);
  }
}

}  // namespace uls
