// SPDX-License-Identifier: Apache-2.0
// Loops over tensors of one shape and any strides, on the CPU.
#pragma once

#include <algorithm>
#include <array>

#include "core/base/parallel.h"
#include "core/tensor/tensor.h"

namespace uls::kernels {

/// The dimensions of K operands of one shape, sizes of 1 dropped and neighbours merged where all operands run
/// on evenly. Row-major order of the elements is kept.
template <int K>
struct StridedLoop {
  Shape sizes;
  std::array<Strides, K> strides;
  std::int64_t total = 0;

  explicit StridedLoop(const std::array<const Tensor*, K>& operands) : total(operands[0]->numel()) {
    const Shape& shape = operands[0]->shape();
    for (int d = 0; d < shape.size(); ++d) {
      if (shape[d] == 1) continue;
      bool merges = !sizes.empty();
      for (int k = 0; k < K && merges; ++k)
        merges = strides[std::size_t(k)].back() == operands[std::size_t(k)]->strides()[d] * shape[d];
      if (merges) {
        sizes[sizes.size() - 1] *= shape[d];
        for (int k = 0; k < K; ++k)
          strides[std::size_t(k)][sizes.size() - 1] = operands[std::size_t(k)]->strides()[d];
      } else {
        sizes.push_back(shape[d]);
        for (int k = 0; k < K; ++k) strides[std::size_t(k)].push_back(operands[std::size_t(k)]->strides()[d]);
      }
    }
    if (!sizes.empty()) return;
    sizes.push_back(1);
    for (auto& s : strides) s.push_back(1);
  }

  std::int64_t inner_stride(int k) const { return strides[std::size_t(k)].back(); }

  /// Calls fn(offsets, count, first) for runs along the last dimension: operand k's elements lie at
  /// offsets[k] + i * inner_stride(k), and the run starts at element `first` of the row-major order.
  template <typename Fn>
  void for_each_run(std::int64_t grain, Fn&& fn) const {
    parallel_for(0, total, grain, [&](std::int64_t first, std::int64_t last) {
      const int inner = sizes.size() - 1;
      Dims index = sizes;
      std::int64_t rest = first;
      for (int d = inner; d >= 0; --d) index[d] = rest % sizes[d], rest /= sizes[d];
      for (std::int64_t at = first; at < last;) {
        std::array<std::int64_t, K> offsets{};
        for (int k = 0; k < K; ++k)
          for (int d = 0; d <= inner; ++d) offsets[std::size_t(k)] += index[d] * strides[std::size_t(k)][d];
        const std::int64_t count = std::min(sizes[inner] - index[inner], last - at);
        fn(offsets, count, at);
        at += count;
        index[inner] = 0;
        for (int d = inner - 1; d >= 0 && ++index[d] == sizes[d]; --d) index[d] = 0;
      }
    });
  }
};

/// Elements below which a loop is not worth a second thread.
inline constexpr std::int64_t kGrain = 16384;

}  // namespace uls::kernels
