// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/convert.h"
#include "kernels/common/strided.h"
#include "kernels/primitives/random/random_kernel.h"

namespace uls::kernels {
namespace {

// Calls fn(words) for each group of four elements and stores its four values.
template <typename Fn>
void fill_by_fours(const char* op, Tensor& y, double scale, double shift, const RandomKey& key,
                   Fn four_values) {
  dispatch_floating(op, y.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    T* to = y.data<T>();
    const std::int64_t count = y.numel();
    parallel_for(0, (count + 3) / 4, kGrain / 4, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t block = first; block < last; ++block) {
        float values[4];
        four_values(key.words(0, std::uint64_t(block)), values);
        for (std::int64_t i = 4 * block; i < std::min(4 * block + 4, count); ++i)
          to[i] = convert<T>(A(scale) * A(values[i % 4]) + A(shift));
      }
    });
  });
}

void fill_uniform(Tensor& y, double scale, double shift, const RandomKey& key) {
  fill_by_fours("fill_uniform", y, scale, shift, key, [](const PhiloxCounter& words, float* values) {
    for (int i = 0; i < 4; ++i) values[i] = uniform_float(words[std::size_t(i)]);
  });
}

void fill_normal(Tensor& y, double scale, double shift, const RandomKey& key) {
  fill_by_fours("fill_normal", y, scale, shift, key, [](const PhiloxCounter& words, float* values) {
    normal_pair(words[0], words[1], values[0], values[1]);
    normal_pair(words[2], words[3], values[2], values[3]);
  });
}

}  // namespace

void bind_random_cpu() {
  slots::fill_uniform.bind(DeviceType::cpu, fill_uniform);
  slots::fill_normal.bind(DeviceType::cpu, fill_normal);
}

}  // namespace uls::kernels
