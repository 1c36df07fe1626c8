// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/convert.h"
#include "kernels/common/strided.h"
#include "kernels/pointwise/dropout/dropout_kernel.h"
#include "kernels/pointwise/dropout/mask_cpu.h"

namespace uls::kernels {
namespace {

void dropout(const Tensor& x, double p, const RandomKey& key, Tensor& y) {
  const std::int64_t samples = x.size(0), elements = samples ? x.numel() / samples : 0;
  const std::int64_t blocks = (elements + 3) / 4;  // of four elements
  dispatch_floating("dropout", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T* from = x.data<T>();
    T* to = y.data<T>();
    const A kept = A(1 / (1 - p));
    parallel_for(0, samples * blocks, kGrain / 16, [&](std::int64_t first, std::int64_t last) {
      constexpr std::int64_t kRun = 64;
      A scales[4 * kRun];
      while (first < last) {
        const std::int64_t sample = first / blocks, block = first % blocks;
        const std::int64_t blocks_now = std::min({kRun, blocks - block, last - first});
        const std::int64_t begin = 4 * block, count = std::min(4 * blocks_now, elements - begin);
        dropout_scales(p, key, sample, begin, count, kept, scales);
        const std::int64_t at = sample * elements + begin;
        for (std::int64_t i = 0; i < count; ++i)
          to[at + i] = convert<T>(dropped(load(from[at + i]), scales[i]));
        first += blocks_now;
      }
    });
  });
}

void drop_path(const Tensor& x, double p, const RandomKey& key, Tensor& y) {
  const std::int64_t samples = x.size(0), elements = samples ? x.numel() / samples : 0;
  dispatch_floating("drop_path", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T* from = x.data<T>();
    T* to = y.data<T>();
    const A kept = A(1 / (1 - p));
    parallel_for(0, x.numel(), kGrain, [&](std::int64_t first, std::int64_t last) {
      while (first < last) {
        const std::int64_t sample = first / elements, end = std::min(last, (sample + 1) * elements);
        const A scale = drop_path_scale(p, key, sample, kept);
        if (scale == A(0))
          std::fill(to + first, to + end, T(0));
        else
          for (std::int64_t i = first; i < end; ++i) to[i] = convert<T>(load(from[i]) * scale);
        first = end;
      }
    });
  });
}

}  // namespace

void bind_dropout_cpu() {
  slots::dropout.bind(DeviceType::cpu, dropout);
  slots::drop_path.bind(DeviceType::cpu, drop_path);
}

}  // namespace uls::kernels
