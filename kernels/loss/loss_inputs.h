// SPDX-License-Identifier: Apache-2.0
// What all losses on logits ask of their arguments.
#pragma once

#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"

namespace uls::kernels {

/// Checks the target, or weights beside it (`name` says which), and gives it contiguous in the type in which
/// the loss is computed: float32, float64 for float64 logits. A soft edge keeps its digits beside bfloat16
/// logits. `like`: of the logits' type and device.
inline Tensor checked_target(const char* op, const Tensor& like, const Shape& shape, const Tensor& target,
                             const char* name = "target") {
  check_floating(op, name, target);
  ULS_CHECK(target.device() == like.device(), "{}: {} is on another device; got {}; expected {}", op, name,
            to_string(target.device()), to_string(like.device()));
  check_shape(op, name, target, shape);
  ULS_CHECK(!target.requires_grad(), "{}: no gradient for the {}; got {} with history; expected one without",
            op, name, describe(target));
  return contiguous(converted(target, like.dtype() == DType::float64 ? DType::float64 : DType::float32));
}

/// The same for logits that are there, which it checks too.
inline Tensor checked_target(const char* op, const Tensor& logits, const Tensor& target) {
  check_floating(op, "logits", logits);
  return checked_target(op, logits, logits.shape(), target);
}

inline void check_focal_options(const char* op, double alpha, double gamma) {
  ULS_CHECK(alpha >= 0 && alpha <= 1, "{}: alpha is no share; got {}; expected 0 to 1", op, alpha);
  ULS_CHECK(gamma >= 0, "{}: gamma is negative; got {}; expected at least 0", op, gamma);
}

}  // namespace uls::kernels
