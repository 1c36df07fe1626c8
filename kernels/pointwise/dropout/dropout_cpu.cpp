// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/convert.h"
#include "kernels/common/strided.h"
#include "kernels/pointwise/dropout/dropout_kernel.h"

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
    const float limit = float(p);
    const A scale = A(1 / (1 - p));
    parallel_for(0, samples * blocks, kGrain / 16, [&](std::int64_t first, std::int64_t last) {
      constexpr std::int64_t kRun = 64;
      std::uint32_t words[4 * kRun];
      while (first < last) {
        const std::int64_t sample = first / blocks, block = first % blocks;
        const std::int64_t count = std::min({kRun, blocks - block, last - first});
        for (std::int64_t i = 0; i < count; ++i) {
          const PhiloxCounter four = key.words(sample, std::uint64_t(block + i));
          std::ranges::copy(four, words + 4 * i);
        }
        const std::int64_t begin = sample * elements + 4 * block;
        const std::int64_t end = std::min(begin + 4 * count, (sample + 1) * elements);
        for (std::int64_t i = begin; i < end; ++i) {
          const A value = load(from[i]) * scale;  // of every element: no branch
          to[i] = convert<T>(uniform_float(words[i - begin]) < limit ? A(0) : value);
        }
        first += count;
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
    const float limit = float(p);
    const A scale = A(1 / (1 - p));
    parallel_for(0, x.numel(), kGrain, [&](std::int64_t first, std::int64_t last) {
      while (first < last) {
        const std::int64_t sample = first / elements, end = std::min(last, (sample + 1) * elements);
        if (uniform_float(key.words(sample, 0)[0]) < limit)
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
