// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/tensor/primitives.h"
#include "kernels/primitives/take_rows/take_rows_kernel.h"

namespace uls::kernels {
namespace {

// One row a sample: too little to share among threads.
void take_rows(const Tensor& x, const Tensor& index, Tensor& y) {
  const std::int64_t length = x.size(1), channels = x.size(2);
  const std::int64_t* rows = index.data<std::int64_t>();
  for (std::int64_t b = 0; b < x.size(0); ++b)
    ULS_CHECK(rows[b] >= 0 && rows[b] < length,
              "take_rows: index out of range; got {} at [{}]; expected a row in [0, {})", rows[b], b, length);
  dispatch_floating("take_rows", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::int64_t b = 0; b < x.size(0); ++b)
      std::copy_n(x.data<T>() + (b * length + rows[b]) * channels, channels, y.data<T>() + b * channels);
  });
}

void take_rows_grad(const Tensor& index, const Tensor& dy, Tensor& dx) {
  const std::int64_t length = dx.size(1), channels = dx.size(2);
  const std::int64_t* rows = index.data<std::int64_t>();
  slots::fill(kCpu, dx, 0);
  dispatch_floating("take_rows", dy.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::int64_t b = 0; b < dx.size(0); ++b)
      std::copy_n(dy.data<T>() + b * channels, channels, dx.data<T>() + (b * length + rows[b]) * channels);
  });
}

void first_of_largest(const Tensor& ids, Tensor& first) {
  const std::int64_t length = ids.size(-1);
  const std::int64_t* row = ids.data<std::int64_t>();
  std::int64_t* to = first.data<std::int64_t>();
  for (std::int64_t r = 0; r < first.numel(); ++r, row += length)
    to[r] = std::max_element(row, row + length) - row;
}

}  // namespace

void bind_take_rows_cpu() {
  slots::take_rows.bind(DeviceType::cpu, take_rows);
  slots::take_rows_grad.bind(DeviceType::cpu, take_rows_grad);
  slots::first_of_largest.bind(DeviceType::cpu, first_of_largest);
}

}  // namespace uls::kernels
