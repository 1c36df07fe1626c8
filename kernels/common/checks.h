// SPDX-License-Identifier: Apache-2.0
// Checks that most operations share; all raise Error in the form `op: what; got ...; expected ...`.
#pragma once

#include "core/tensor/tensor.h"

namespace uls::kernels {

/// Defined, and of a floating type.
void check_floating(const char* op, const char* argument, const Tensor& x);

/// Defined, and of the type and device of `like`.
void check_same_kind(const char* op, const char* argument, const Tensor& x, const Tensor& like);

/// Of exactly this shape.
void check_shape(const char* op, const char* argument, const Tensor& x, const Shape& shape);

}  // namespace uls::kernels
