// SPDX-License-Identifier: Apache-2.0
// What all optimizers ask of their tensors.
#pragma once

#include "core/tensor/primitives.h"
#include "kernels/optim/step_values.h"

namespace uls::kernels {

inline void check_step_values(const char* op, const Tensor& values) {
  ULS_CHECK(values && values.dtype() == DType::float64 && values.shape() == Shape{kStepValues} &&
                values.is_contiguous(),
            "{}: no step values; got {}; expected float64 [{}], contiguous", op, describe(values),
            kStepValues);
}

/// A slab: of this type, contiguous, of this shape, on this device.
inline void check_slab(const char* op, const char* name, std::size_t index, const Tensor& slab,
                       const Shape& shape, Device device, DType dtype = DType::float32) {
  ULS_CHECK(slab && slab.dtype() == dtype && slab.is_contiguous() && slab.shape() == shape &&
                slab.device() == device,
            "{}: {} {} does not fit; got {}; expected {} {} on {}, contiguous", op, name, index,
            describe(slab), to_string(dtype), to_string(shape), to_string(device));
}

/// The type that the slabs beside this one must have: float64 beside float64, else float32.
inline DType slab_type(const Tensor& slab) {
  return slab && slab.dtype() == DType::float64 ? DType::float64 : DType::float32;
}

inline void check_group(const char* op, std::size_t index, int group) {
  ULS_CHECK(group >= 0 && group < kParameterGroups, "{}: no such group of slab {}; got {}; expected 0 to {}",
            op, index, group, kParameterGroups - 1);
}

}  // namespace uls::kernels
