// SPDX-License-Identifier: Apache-2.0
// Attention of any size, by blocks of keys and queries. Forward, threads share blocks of queries; the softmax
// is taken online over blocks of keys (Milakov and Gimelshein 2018; Dao et al. 2022). Backward, they share
// heads, and pieces of the queries where heads are few: dk and dv are summed in the order of queries.
#pragma once

#include <cmath>

#include "kernels/attention/attention/attention_scores_cpu.h"
#include "kernels/common/lanes.h"

namespace uls::kernels {

template <typename T>
class AnySize {
 public:
  static constexpr const char* kName = "any size";

  static bool can_implement(const AttentionArgs&) { return true; }

  static void forward(const AttentionArgs& args, Tensor& y, Tensor& lse) {
    const std::int64_t blocks = blocks_of(args);
    parallel_for(
        0, args.batch * args.heads * blocks, grain_of(args), [&](std::int64_t first, std::int64_t last) {
          AnySize h(args);
          const Buffer<C> strips_k = h.strips(), rows_v = h.rows(), scores = h.scores(), drawn = h.scores(),
                          factors = h.scores(), columns_q(h.wide_ * kQueries), sums(h.wide_ * kQueries);
          alignas(64) C highest[kQueries], total[kQueries], rescale[kQueries];
          for (std::int64_t task = first; task < last; ++task) {
            if (task / blocks != h.head_) {
              h.move_to(task / blocks);
              h.pack_strips(args.k, h.scale_, strips_k.data);
              h.pack_rows(args.v, C(1), rows_v.data);
            }
            const std::int64_t i0 = task % blocks * kQueries, rows = std::min(kQueries, args.queries - i0),
                               at = h.query_at_ + i0 * args.channels;
            Scores::transpose_queries(args.q.data<T>() + at, args.channels, rows, args.size, columns_q.data);
            std::fill_n(highest, kQueries, -std::numeric_limits<C>::infinity());
            std::fill_n(total, kQueries, C(0));
            h.for_each_block(i0, rows, [&](const Scores& block) {
              h.product(block, strips_k.data, columns_q.data, scores.data);
              block.exponentiate(scores.data, highest, total, rescale);
              if (const C* kept = block.draw(drawn.data, factors.data)) block.multiply(kept, scores.data);
              for (std::int64_t i = 0; i < rows && block.first_key > 0; ++i)
                for (std::int64_t d = 0; d < h.wide_; ++d) sums.data[i * h.wide_ + d] *= rescale[i];
              register_product<kQueryTile, 1, kQueries>(rows, h.wide_, block.keys, scores.data, kQueryTile,
                                                        rows_v.data + block.first_key * h.wide_, h.wide_,
                                                        sums.data, h.wide_, block.first_key > 0);
            });
            for (std::int64_t i = 0; i < rows; ++i) {
              const C* sum = sums.data + i * h.wide_;
              const C inverse = C(1) / total[i];
              for (std::int64_t d = 0; d < args.size; ++d)
                y.data<T>()[at + i * args.channels + d] = convert<T>(sum[d] * inverse);
              lse.data<C>()[h.head_ * args.queries + i0 + i] = highest[i] + std::log(total[i]);
            }
          }
        });
  }

  static void backward(const AttentionArgs& args, const AttentionGradients& g) {
    const std::int64_t blocks = blocks_of(args), heads = args.batch * args.heads,
                       pieces = pieces_of(heads, blocks);
    const std::int64_t wide = round_up(args.size, kLanes<C>), wide_keys = round_up(args.keys, kKeyTile);
    const HeadSums<C> sums_k(args, bool(g.dk), pieces, wide_keys, wide),
        sums_v(args, bool(g.dv), pieces, wide_keys, wide);
    const std::int64_t grain =
        std::max<std::int64_t>(1, grain_of(args) * pieces / std::max<std::int64_t>(1, blocks));
    parallel_for(0, heads * pieces, grain, [&](std::int64_t first, std::int64_t last) {
      AnySize h(args);
      const Buffer<C> strips_k = h.strips(), strips_v = h.strips(), rows_k = h.rows(), weights = h.scores(),
                      slopes = h.scores(), drawn = h.scores(), factors = h.scores(),
                      columns_q(wide * kQueries), columns_dy(wide * kQueries), rows_q(wide * kQueries),
                      rows_dy(wide * kQueries), sums_q(wide * kQueries);
      alignas(64) C dots[kQueries] = {};
      for (std::int64_t task = first; task < last; ++task) {
        const std::int64_t piece = task % pieces;
        if (task / pieces != h.head_) {
          h.move_to(task / pieces);
          h.pack_strips(args.k, h.scale_, strips_k.data);
          h.pack_strips(args.v, C(1), strips_v.data);
          h.pack_rows(args.k, h.scale_, rows_k.data);
        }
        sums_k.clear(h.head_, piece);
        sums_v.clear(h.head_, piece);
        for (std::int64_t i0 = piece * blocks / pieces * kQueries;
             i0 < (piece + 1) * blocks / pieces * kQueries; i0 += kQueries) {
          const std::int64_t rows = std::min(kQueries, args.queries - i0),
                             at = h.query_at_ + i0 * args.channels;
          const T *q = args.q.data<T>() + at, *y = g.y.data<T>() + at, *dy = g.dy.data<T>() + at;
          Scores::transpose_queries(q, args.channels, rows, args.size, columns_q.data, rows_q.data);
          Scores::transpose_queries(dy, args.channels, rows, args.size, columns_dy.data, rows_dy.data);
          for (std::int64_t i = 0; i < rows; ++i)
            dots[i] = lane_sum_of<C>(args.size, [a = y + i * args.channels, b = dy + i * args.channels](
                                                    std::int64_t d) { return load(a[d]) * load(b[d]); });
          h.for_each_block(i0, rows, [&](const Scores& block) {
            const std::int64_t keys_at = block.first_key * wide, keys = round_up(block.keys, kKeyTile);
            h.product(block, strips_k.data, columns_q.data, weights.data);
            h.product(block, strips_v.data, columns_dy.data, slopes.data);
            const C* kept = block.draw(drawn.data, factors.data);
            block.weigh(g.lse.data<C>() + h.head_ * args.queries + i0, kept, weights.data, slopes.data);
            block.differentiate(dots, kept, weights.data, slopes.data);
            if (g.dq)
              register_product<kQueryTile, 1, kQueries>(rows, wide, block.keys, slopes.data, kQueryTile,
                                                        rows_k.data + keys_at, wide, sums_q.data, wide,
                                                        block.first_key > 0);
            if (g.dk)
              register_product<kKeyTile, kQueries, 1>(keys, wide, rows, slopes.data, kKeyTile * kQueries,
                                                      rows_q.data, wide, sums_k.at(h.head_, piece) + keys_at,
                                                      wide, true);
            if (g.dv)
              register_product<kKeyTile, kQueries, 1>(keys, wide, rows, weights.data, kKeyTile * kQueries,
                                                      rows_dy.data, wide, sums_v.at(h.head_, piece) + keys_at,
                                                      wide, true);
          });
          for (std::int64_t i = 0; i < rows && g.dq; ++i)
            for (std::int64_t d = 0; d < args.size; ++d)
              g.dq.data<T>()[at + i * args.channels + d] = convert<T>(sums_q.data[i * wide + d]);
        }
      }
    });
    if (g.dk) sums_k.template add_up<T>(args, C(1) / std::sqrt(C(args.size)), g.dk);
    if (g.dv) sums_v.template add_up<T>(args, C(1), g.dv);
  }

 private:
  using C = ComputeType<T>;
  static constexpr std::int64_t kQueries = 4 * kLanes<C>, kMostKeys = 128;
  using Scores = ScoreBlock<C, kQueries>;

  explicit AnySize(const AttentionArgs& args) : args_(args) {}

  static std::int64_t blocks_of(const AttentionArgs& args) {
    return (args.queries + kQueries - 1) / kQueries;
  }
  // Blocks that are worth a thread: about 10^5 multiplications.
  static std::int64_t grain_of(const AttentionArgs& args) {
    return std::max<std::int64_t>(1, 100000 / (kQueries * args.keys * args.size));
  }

  Buffer<C> strips() const { return Buffer<C>(wide_keys_ * wide_ + kLanes<C>); }
  Buffer<C> rows() const { return Buffer<C>(args_.keys * wide_); }
  // Transposing drawn factors writes whole vectors of keys.
  Buffer<C> scores() const { return Buffer<C>(round_up(block_keys_, kLanes<C>) * kQueries + kLanes<C>); }

  void move_to(std::int64_t head) {
    const std::int64_t sample = head / args_.heads, n = head % args_.heads;
    head_ = head;
    query_at_ = sample * args_.queries * args_.channels + n * args_.size;
    key_at_ = sample * args_.keys * args_.channels + n * args_.size;
    args_.key_bias(sample, bias_.data);
  }
  // Strips of kKeyTile keys: [D][kKeyTile].
  void pack_strips(const Tensor& from, C factor, C* to) const {
    for (std::int64_t j = 0; j < args_.keys; j += kKeyTile)
      transpose_rows(from.data<T>() + key_at_ + j * args_.channels, args_.channels,
                     std::min<std::int64_t>(kKeyTile, args_.keys - j), args_.size, to + j * wide_, kKeyTile);
    for (std::int64_t e = 0; e < wide_keys_ * wide_; ++e) to[e] *= factor;
  }
  void pack_rows(const Tensor& from, C factor, C* to) const {
    copy_rows(from.data<T>() + key_at_, args_.channels, args_.keys, args_.size, to);
    for (std::int64_t e = 0; e < args_.keys * wide_; ++e) to[e] *= factor;
  }

  // Calls use(block) for the blocks of keys that queries i0 ... i0 + rows - 1 see.
  template <typename Use>
  void for_each_block(std::int64_t i0, std::int64_t rows, Use use) const {
    const std::int64_t last = args_.options.causal ? std::min(args_.keys, i0 + rows) : args_.keys;
    for (std::int64_t j0 = 0; j0 < last; j0 += block_keys_)
      use(Scores{args_, head_, i0, rows, j0, std::min(block_keys_, args_.keys - j0), bias_.data + j0});
  }
  // [keys][D] by [D][kQueries]
  void product(const Scores& block, const C* strips, const C* columns, C* to) const {
    register_product<kKeyTile, 1, kKeyTile>(
        round_up(block.keys, kKeyTile), round_up(block.queries, 2 * kLanes<C>), args_.size,
        strips + block.first_key * wide_, kKeyTile * wide_, columns, kQueries, to, kQueries, false);
  }

  const AttentionArgs& args_;
  const C scale_ = C(1) / std::sqrt(C(args_.size));
  const std::int64_t wide_ = round_up(args_.size, kLanes<C>), wide_keys_ = round_up(args_.keys, kKeyTile);
  // Blocks of keys are about equal.
  const std::int64_t key_blocks_ = (args_.keys + kMostKeys - 1) / kMostKeys,
                     block_keys_ = round_up((args_.keys + key_blocks_ - 1) / key_blocks_, kKeyTile);
  const Buffer<C> bias_{args_.keys};
  std::int64_t head_ = -1, query_at_ = 0, key_at_ = 0;
};

}  // namespace uls::kernels
