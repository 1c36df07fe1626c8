// SPDX-License-Identifier: Apache-2.0
#include "kernels/spatial/position_encoding/position_encoding.h"

#include "core/base/op_scope.h"
#include "core/tensor/primitives.h"
#include "kernels/spatial/position_encoding/position_encoding_kernel.h"

namespace uls {

namespace slots {
KernelSlot<void(double shift, Tensor& y)> sine_features("sine_features");
}  // namespace slots

namespace {

Tensor sine_features(std::int64_t length, std::int64_t channels, double shift, DType dtype, Device device) {
  Tensor y = empty({length, channels}, dtype, device);
  slots::sine_features(device, shift, y);
  return y;
}

void check(const char* op, DType dtype) {
  ULS_CHECK(is_floating(dtype), "{}: not a floating type; got {}; expected a floating type", op,
            to_string(dtype));
}

}  // namespace

Tensor position_encoding_1d(std::int64_t length, std::int64_t channels, DType dtype, Device device) {
  const OpScope scope("position_encoding_1d");
  check("position_encoding_1d", dtype);
  return sine_features(length, channels, 1, dtype, device);
}

Tensor position_encoding_2d(std::int64_t height, std::int64_t width, std::int64_t channels, DType dtype,
                            Device device) {
  const OpScope scope("position_encoding_2d");
  check("position_encoding_2d", dtype);
  ULS_CHECK(channels % 2 == 0,
            "position_encoding_2d: no halves for rows and columns; got {} channels; expected an even number",
            channels);
  const std::int64_t half = channels / 2;
  Tensor y = empty({height, width, channels}, dtype, device);
  Tensor of_rows = y.sliced(2, 0, half), of_columns = y.sliced(2, half, channels);
  const Tensor rows = sine_features(height, half, 0.5, dtype, device),
               columns = sine_features(width, half, 0.5, dtype, device);
  copy_(of_rows, rows.reshaped({height, 1, half}).expanded(of_rows.shape()));
  copy_(of_columns, columns.reshaped({1, width, half}).expanded(of_columns.shape()));
  return y;
}

}  // namespace uls
