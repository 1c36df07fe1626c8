// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/convert.h"
#include "kernels/common/strided.h"
#include "kernels/spatial/position_encoding/position_encoding_kernel.h"

namespace uls::kernels {
namespace {

void sine_features(double shift, Tensor& y) {
  const std::int64_t length = y.size(0), channels = y.size(1);
  dispatch_floating("sine_features", y.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    T* to = y.data<T>();
    parallel_for(0, y.numel(), kGrain / 64, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t at = first; at < last; ++at) {
        const std::int64_t t = at / channels, i = at % channels;
        const double angle = 2 * M_PI * (double(t) + shift) / (double(length) + 1e-6);
        const double a = angle / std::pow(10000.0, double(i / 2 * 2) / double(channels));
        to[at] = convert<T>(i % 2 ? std::cos(a) : std::sin(a));
      }
    });
  });
}

}  // namespace

void bind_position_encoding_cpu() { slots::sine_features.bind(DeviceType::cpu, sine_features); }

}  // namespace uls::kernels
