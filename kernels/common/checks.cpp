// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/checks.h"

namespace uls::kernels {

void check_floating(const char* op, const char* argument, const Tensor& x) {
  ULS_CHECK(x && is_floating(x.dtype()),
            "{}: {} is not a floating tensor; got {}; expected float32, float64, bfloat16 or float16", op,
            argument, describe(x));
}

void check_same_kind(const char* op, const char* argument, const Tensor& x, const Tensor& like) {
  ULS_CHECK(x && x.dtype() == like.dtype() && x.device() == like.device(),
            "{}: {} differs in type or device; got {}; expected {} on {}", op, argument, describe(x),
            to_string(like.dtype()), to_string(like.device()));
}

void check_shape(const char* op, const char* argument, const Tensor& x, const Shape& shape) {
  ULS_CHECK(x.shape() == shape, "{}: {} has the wrong shape; got {}; expected {}", op, argument,
            to_string(x.shape()), to_string(shape));
}

}  // namespace uls::kernels
