// SPDX-License-Identifier: Apache-2.0
// What the forms of attention on the CPU share: their arguments, the factors of dropout, and sums over
// queries that several threads share.
#pragma once

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "kernels/attention/attention/attention_kernel.h"
#include "kernels/attention/tiles_cpu.h"
#include "kernels/common/strided.h"
#include "kernels/pointwise/dropout/mask_cpu.h"

namespace uls::kernels {

struct AttentionArgs {
  const Tensor &q, &k, &v, &mask;
  const AttentionOptions& options;
  const RandomKey& key;
  std::int64_t batch = q.size(0), queries = q.size(1), keys = k.size(1), channels = q.size(2),
               heads = options.heads, size = channels / heads;

  /// 0, or -infinity where the sample's key is ignored.
  template <typename C>
  void key_bias(std::int64_t sample, C* to) const {
    const bool* ignored = mask ? mask.data<bool>() + sample * keys : nullptr;
    for (std::int64_t j = 0; j < keys; ++j)
      to[j] = ignored && ignored[j] ? -std::numeric_limits<C>::infinity() : C(0);
  }

  /// The factors from dropout, 0 or 1 / (1 - p), of the weights first ... first + count - 1 of a sample's
  /// [N, Q, L].
  template <typename C>
  void drop_factors(std::int64_t sample, std::int64_t first, std::int64_t count, C* to) const {
    dropout_scales(options.dropout, key, sample, first, count, C(1 / (1 - options.dropout)), to);
  }
};

struct AttentionGradients {
  const Tensor &y, &lse, &dy;
  Tensor &dq, &dk, &dv;
};

/// dk and dv are sums over queries. `groups` (samples, or heads) of `blocks` of queries each are cut into
/// this many pieces where threads would otherwise get unequal shares; every piece has sums of its own.
inline std::int64_t pieces_of(std::int64_t groups, std::int64_t blocks) {
  const std::int64_t threads = num_threads();
  return std::max<std::int64_t>(1, std::min({threads / std::gcd(groups, threads),
                                             4 * threads / std::max<std::int64_t>(1, groups), blocks}));
}

/// Sums [pieces][rows][columns] of each head, for dk or dv.
template <typename C>
struct HeadSums {
  std::int64_t pieces, rows, columns;
  bool wanted;
  Buffer<C> memory;

  HeadSums(const AttentionArgs& args, bool wanted, std::int64_t pieces, std::int64_t rows,
           std::int64_t columns)
      : pieces(pieces),
        rows(rows),
        columns(columns),
        wanted(wanted),
        memory(wanted ? args.batch * args.heads * pieces * rows * columns : 0) {}

  C* at(std::int64_t head, std::int64_t piece) const {
    return memory.data + (head * pieces + piece) * rows * columns;
  }
  void clear(std::int64_t head, std::int64_t piece) const {
    if (wanted) std::fill_n(at(head, piece), rows * columns, C(0));
  }
  /// The pieces added in order, times `factor`, as [B, L, C].
  template <typename T>
  void add_up(const AttentionArgs& args, C factor, Tensor& result) const {
    T* to = result.data<T>();
    const std::int64_t grain = std::max<std::int64_t>(1, kGrain / (args.size * pieces));
    parallel_for(0, args.batch * args.heads * args.keys, grain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t row = first; row < last; ++row)
        add_up_row(args, row / args.keys, row % args.keys, factor, to);
    });
  }
  /// The same for a head that is one piece, by the thread that has just summed it.
  template <typename T>
  void write_head(const AttentionArgs& args, std::int64_t head, C factor, T* to) const {
    for (std::int64_t j = 0; j < args.keys; ++j) add_up_row(args, head, j, factor, to);
  }

 private:
  template <typename T>
  void add_up_row(const AttentionArgs& args, std::int64_t head, std::int64_t j, C factor, T* to) const {
    C* sum = at(head, 0) + j * columns;
    T* out = to + (head / args.heads * args.keys + j) * args.channels + head % args.heads * args.size;
    for (std::int64_t p = 1; p < pieces; ++p)
      for (std::int64_t d = 0; d < args.size; ++d) sum[d] += sum[p * rows * columns + d];
    for (std::int64_t d = 0; d < args.size; ++d) out[d] = convert<T>(sum[d] * factor);
  }
};

}  // namespace uls::kernels
