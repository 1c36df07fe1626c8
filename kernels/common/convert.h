// SPDX-License-Identifier: Apache-2.0
// Conversion between element types, as PyTorch's .to(): half types go through float32, integers truncate,
// anything but zero is true.
#pragma once

#include <type_traits>

#include "core/device/host_device.h"
#include "core/tensor/dtype.h"

namespace uls::kernels {

/// The value in the type in which arithmetic is done.
template <typename T>
ULS_HD ComputeType<T> load(T value) {
  return static_cast<ComputeType<T>>(value);
}

template <typename To, typename From>
ULS_HD To convert(From value) {
  if constexpr (std::is_same_v<To, From>)
    return value;
  else if constexpr (std::is_same_v<To, bool>)
    return load(value) != ComputeType<From>(0);
  else if constexpr (std::is_same_v<ComputeType<To>, To>)
    return static_cast<To>(load(value));
  else
    return To(static_cast<ComputeType<To>>(load(value)));
}

}  // namespace uls::kernels
