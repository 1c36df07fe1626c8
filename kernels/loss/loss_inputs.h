// SPDX-License-Identifier: Apache-2.0
// What all losses on logits ask of their arguments.
#pragma once

#include "core/tensor/primitives.h"
#include "kernels/common/checks.h"

namespace uls::kernels {

/// Checks the arguments, and gives the target contiguous in the type in which the loss is computed: float32,
/// float64 for float64 logits. A soft edge keeps its digits beside bfloat16 logits.
inline Tensor checked_target(const char* op, const Tensor& logits, const Tensor& target) {
  check_floating(op, "logits", logits);
  check_floating(op, "target", target);
  ULS_CHECK(target.device() == logits.device(), "{}: target is on another device; got {}; expected {}", op,
            to_string(target.device()), to_string(logits.device()));
  check_shape(op, "target", target, logits.shape());
  ULS_CHECK(!target.requires_grad(),
            "{}: no gradient for the target; got {} with history; expected one without", op,
            describe(target));
  return contiguous(converted(target, logits.dtype() == DType::float64 ? DType::float64 : DType::float32));
}

}  // namespace uls::kernels
