// SPDX-License-Identifier: Apache-2.0
// Attention by a few keys (words): all scores of a block of queries lie in the first-level cache, with the
// queries along the lanes, so that the softmax is one of whole vectors and takes no maximum along a row. What
// remains is to read the queries and to write the result once; backward does not read the result at all:
//   sum over D of dy y = sum over L of P F (dy v^T).
#pragma once

#include <cmath>

#include "kernels/attention/attention/attention_scores_cpu.h"

namespace uls::kernels {

template <typename T>
class FewKeys {
 public:
  static constexpr const char* kName = "few keys";

  /// Up to kMostKeys keys, heads of whole vectors, blocks of queries that fit the cache.
  static bool can_implement(const AttentionArgs& args) {
    return args.keys <= kMostKeys && args.size % kLanes<C> == 0 && args.size <= 256;
  }

  static void forward(const AttentionArgs& args, Tensor& y, Tensor& lse) {
    const std::int64_t blocks = blocks_of(args), channels = args.channels, size = args.size;
    const T* q = args.q.data<T>();
    T* out = y.data<T>();
    C* log_sums = lse.data<C>();
    parallel_for(0, args.batch * blocks, grain_of(args), [&](std::int64_t first, std::int64_t last) {
      const Buffer<C> strips_k(strips_size(args)), rows_v(args.keys * channels), columns_q(size * kQueries);
      alignas(64) Values weights, drawn, factors;
      alignas(64) C highest[kQueries], total[kQueries], rescale[kQueries];
      C bias[kMostKeys];
      for (std::int64_t task = first, packed = -1; task < last; ++task) {
        const std::int64_t sample = task / blocks, i0 = task % blocks * kQueries,
                           rows = std::min(kQueries, args.queries - i0),
                           at = (sample * args.queries + i0) * channels;
        if (sample != std::exchange(packed, sample)) {
          args.key_bias(sample, bias);
          pack_strips(args, args.k.data<T>(), sample, scale_of(args), strips_k.data);
          pack_rows(args, args.v.data<T>(), sample, C(1), rows_v.data);
        }
        for (std::int64_t n = 0; n < args.heads; ++n) {
          const Scores block{args, sample * args.heads + n, i0, rows, 0, args.keys, bias};
          Scores::transpose_queries(q + at + n * size, channels, rows, size, columns_q.data);
          score(args, strips_k.data + n * wide_keys(args) * size, columns_q.data, weights);
          std::fill_n(highest, kQueries, -std::numeric_limits<C>::infinity());
          std::fill_n(total, kQueries, C(0));
          block.exponentiate(weights, highest, total, rescale);
          for (std::int64_t i = 0; i < rows; ++i)
            log_sums[block.head * args.queries + i0 + i] = highest[i] + fast_log(total[i]);
          for (C& x : total) x = C(1) / x;
          for (std::int64_t j = 0; j < args.keys * kQueries; j += kQueries)
            for (std::int64_t i = 0; i < kQueries; ++i) weights[j + i] *= total[i];
          if (const C* kept = block.draw(drawn, factors)) block.multiply(kept, weights);
          register_product<kQueryTile>(rows, size, args.keys, weights, Fixed<1>(), Fixed<kQueries>(),
                                       kQueryTile, rows_v.data + n * args.keys * size, size,
                                       out + at + n * size, channels, false);
        }
      }
    });
  }

  static void backward(const AttentionArgs& args, const AttentionGradients& g) {
    const std::int64_t blocks = blocks_of(args), channels = args.channels, size = args.size,
                       wide = wide_keys(args), pieces = pieces_of(args.batch, blocks);
    const HeadSums<C> sums_k(args, bool(g.dk), pieces, wide, size),
        sums_v(args, bool(g.dv), pieces, wide, size);
    const std::int64_t grain =
        std::max<std::int64_t>(1, grain_of(args) * pieces / std::max<std::int64_t>(1, blocks));
    parallel_for(0, args.batch * pieces, grain, [&](std::int64_t first, std::int64_t last) {
      const Buffer<C> strips_k(strips_size(args)), strips_v(strips_size(args)), rows_k(args.keys * channels),
          columns_q(size * kQueries), columns_dy(size * kQueries), rows_q(size * kQueries),
          rows_dy(size * kQueries);
      alignas(64) Values weights, slopes, drawn, factors;
      alignas(64) C dots[kQueries];
      C bias[kMostKeys];
      for (std::int64_t task = first, packed = -1; task < last; ++task) {
        const std::int64_t sample = task / pieces, piece = task % pieces;
        if (sample != std::exchange(packed, sample)) {
          args.key_bias(sample, bias);
          pack_strips(args, args.k.data<T>(), sample, scale_of(args), strips_k.data);
          pack_strips(args, args.v.data<T>(), sample, C(1), strips_v.data);
          pack_rows(args, args.k.data<T>(), sample, scale_of(args), rows_k.data);
        }
        for (std::int64_t n = 0; n < args.heads; ++n) {
          sums_k.clear(sample * args.heads + n, piece);
          sums_v.clear(sample * args.heads + n, piece);
        }
        for (std::int64_t block = piece * blocks / pieces; block < (piece + 1) * blocks / pieces; ++block) {
          const std::int64_t i0 = block * kQueries, rows = std::min(kQueries, args.queries - i0),
                             at = (sample * args.queries + i0) * channels;
          for (std::int64_t n = 0; n < args.heads; ++n) {
            const Scores block{args, sample * args.heads + n, i0, rows, 0, args.keys, bias};
            Scores::transpose_queries(args.q.data<T>() + at + n * size, channels, rows, size, columns_q.data,
                                      rows_q.data);
            Scores::transpose_queries(g.dy.data<T>() + at + n * size, channels, rows, size, columns_dy.data,
                                      rows_dy.data);
            score(args, strips_k.data + n * wide * size, columns_q.data, weights);
            score(args, strips_v.data + n * wide * size, columns_dy.data, slopes);
            const C* kept = block.draw(drawn, factors);
            block.weigh(g.lse.data<C>() + block.head * args.queries + i0, kept, weights, slopes);
            std::fill_n(dots, kQueries, C(0));
            for (std::int64_t j = 0; j < args.keys * kQueries; j += kQueries)
              for (std::int64_t i = 0; i < kQueries; ++i) dots[i] += weights[j + i] * slopes[j + i];
            block.differentiate(dots, kept, weights, slopes);
            if (g.dq)
              register_product<kQueryTile>(rows, size, args.keys, slopes, Fixed<1>(), Fixed<kQueries>(),
                                           kQueryTile, rows_k.data + n * args.keys * size, size,
                                           g.dq.data<T>() + at + n * size, channels, false);
            if (g.dk) {
              register_product<kKeyTile>(wide, size, rows, slopes, Fixed<kQueries>(), Fixed<1>(),
                                         kKeyTile * kQueries, rows_q.data, size, sums_k.at(block.head, piece),
                                         size, true);
            }
            if (g.dv) {
              register_product<kKeyTile>(wide, size, rows, weights, Fixed<kQueries>(), Fixed<1>(),
                                         kKeyTile * kQueries, rows_dy.data, size,
                                         sums_v.at(block.head, piece), size, true);
            }
          }
        }
      }
    });
    if (g.dk) sums_k.template add_up<T>(args, scale_of(args), g.dk);
    if (g.dv) sums_v.template add_up<T>(args, C(1), g.dv);
  }

 private:
  using C = ComputeType<T>;
  static constexpr std::int64_t kMostKeys = 6 * kKeyTile, kQueries = 2 * kLanes<C>;
  using Scores = ScoreBlock<C, kQueries>;
  // Transposing drawn factors writes whole vectors of keys.
  using Values = C[round_up(kMostKeys, kLanes<C>) * kQueries + kLanes<C>];

  static std::int64_t wide_keys(const AttentionArgs& args) { return round_up(args.keys, kKeyTile); }
  static std::int64_t blocks_of(const AttentionArgs& args) {
    return (args.queries + kQueries - 1) / kQueries;
  }
  static C scale_of(const AttentionArgs& args) { return C(1) / std::sqrt(C(args.size)); }
  // Blocks that are worth a thread: about 10^5 multiplications.
  static std::int64_t grain_of(const AttentionArgs& args) {
    return std::max<std::int64_t>(1, 100000 / (kQueries * args.keys * args.channels));
  }

  // [N][strips of kKeyTile keys][D][kKeyTile], and room for one vector.
  static std::int64_t strips_size(const AttentionArgs& args) {
    return wide_keys(args) * args.channels + kLanes<C>;
  }
  static void pack_strips(const AttentionArgs& args, const T* from, std::int64_t sample, C factor, C* to) {
    const std::int64_t wide = wide_keys(args);
    for (std::int64_t n = 0; n < args.heads; ++n)
      for (std::int64_t j = 0; j < args.keys; j += kKeyTile)
        transpose_rows(from + (sample * args.keys + j) * args.channels + n * args.size, args.channels,
                       std::min<std::int64_t>(kKeyTile, args.keys - j), args.size,
                       to + (n * wide + j) * args.size, kKeyTile);
    for (std::int64_t e = 0; e < wide * args.channels; ++e) to[e] *= factor;
  }
  // [N][L][D]
  static void pack_rows(const AttentionArgs& args, const T* from, std::int64_t sample, C factor, C* to) {
    for (std::int64_t n = 0; n < args.heads; ++n)
      copy_rows(from + sample * args.keys * args.channels + n * args.size, args.channels, args.keys,
                args.size, to + n * args.keys * args.size);
    for (std::int64_t e = 0; e < args.keys * args.channels; ++e) to[e] *= factor;
  }
  static void score(const AttentionArgs& args, const C* strips, const C* columns, C* to) {
    register_product<kKeyTile>(wide_keys(args), kQueries, args.size, strips, Fixed<1>(), Fixed<kKeyTile>(),
                               kKeyTile * args.size, columns, kQueries, to, kQueries, false);
  }
};

}  // namespace uls::kernels
