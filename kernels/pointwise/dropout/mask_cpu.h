// SPDX-License-Identifier: Apache-2.0
// The masks of dropout and drop_path on the CPU (dropout_kernel.h says which words they take), for every
// kernel that drops: as what an element is multiplied by.
#pragma once

#include <algorithm>

#include "core/random/random_state.h"

namespace uls::kernels {

/// value scale; 0 where scale is 0, whatever the value.
template <typename A>
A dropped(A value, A scale) {
  return scale == A(0) ? A(0) : value * scale;
}

/// scales[i] = 0 where element first + i of a sample is dropped, else `kept`; for i in [0, count).
template <typename A>
void dropout_scales(double p, const RandomKey& key, std::int64_t sample, std::int64_t first,
                    std::int64_t count, A kept, A* __restrict scales) {
  constexpr std::int64_t kBlocks = 32;  // as many as several vector registers hold
  typedef std::uint64_t Blocks __attribute__((vector_size(8 * kBlocks)));
  const float limit = float(p);
  for (std::int64_t at = first; at < first + count;) {
    const std::int64_t start = at / 4, end = std::min(first + count, 4 * (start + kBlocks));
    Blocks blocks, drawn[4];
    for (std::int64_t b = 0; b < kBlocks; ++b) blocks[b] = std::uint64_t(start + b);
    key.draw(sample, blocks, drawn);
    std::uint32_t words[4 * kBlocks];
    for (std::int64_t b = 0; b < kBlocks; ++b)
      for (int i = 0; i < 4; ++i) words[4 * b + i] = std::uint32_t(drawn[i][b]);
    for (; at < end; ++at) scales[at - first] = uniform_float(words[at - 4 * start]) < limit ? A(0) : kept;
  }
}

/// 0 where the sample is dropped, else `kept`.
template <typename A>
A drop_path_scale(double p, const RandomKey& key, std::int64_t sample, A kept) {
  return uniform_float(key.words(sample, 0)[0]) < float(p) ? A(0) : kept;
}

}  // namespace uls::kernels
