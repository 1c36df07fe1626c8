// SPDX-License-Identifier: Apache-2.0
// Attention of any size, by blocks of keys and queries. Forward, threads share blocks of queries; the softmax
// is taken online over blocks of keys (Milakov and Gimelshein 2018; Dao et al. 2022). Backward, they share
// heads, and pieces of the queries where heads are few: dk and dv are summed in the order of queries.
#pragma once

#include <cmath>

#include "kernels/attention/attention/attention_scores_cpu.h"

namespace uls::kernels {

template <typename T>
class AnySize {
 public:
  static constexpr const char* kName = "any size";

  static bool can_implement(const AttentionArgs&) { return true; }

  static void forward(const AttentionArgs& args, Tensor& y, Tensor& lse) {
    const std::int64_t blocks = blocks_of(args);
    const T* q = args.q.data<T>();
    T* out = y.data<T>();
    C* log_sums = lse.data<C>();
    parallel_for(
        0, args.batch * args.heads * blocks, grain_of(args), [&](std::int64_t first, std::int64_t last) {
          AnySize h(args);
          const Buffer<C> rows_k = h.rows(), rows_v = h.rows(), scores = h.scores(), drawn = h.scores(),
                          factors = h.scores(), columns_q(h.wide_ * kQueries), sums(h.wide_ * kQueries);
          alignas(64) C highest[kQueries], total[kQueries], rescale[kQueries];
          for (std::int64_t task = first; task < last; ++task) {
            if (task / blocks != h.head_) {
              h.move_to(task / blocks);
              h.pack_rows(args.k, h.scale_, rows_k.data);
              h.pack_rows(args.v, C(1), rows_v.data);
            }
            const std::int64_t i0 = task % blocks * kQueries, rows = std::min(kQueries, args.queries - i0),
                               at = h.query_at_ + i0 * args.channels;
            Scores::transpose_queries(q + at, args.channels, rows, args.size, columns_q.data);
            std::fill_n(highest, kQueries, -std::numeric_limits<C>::infinity());
            std::fill_n(total, kQueries, C(0));
            h.for_each_block(i0, rows, [&](const Scores& block) {
              h.product(block, rows_k.data, columns_q.data, scores.data);
              block.exponentiate(scores.data, highest, total, rescale);
              if (const C* kept = block.draw(drawn.data, factors.data)) block.multiply(kept, scores.data);
              for (std::int64_t i = 0; i < rows && block.first_key > 0; ++i)
                for (std::int64_t d = 0; d < h.wide_; ++d) sums.data[i * h.wide_ + d] *= rescale[i];
              h.combine(block, scores.data, rows_v.data, sums.data);
            });
            for (std::int64_t i = 0; i < rows; ++i)
              log_sums[h.head_ * args.queries + i0 + i] = highest[i] + std::log(total[i]);
            for (std::int64_t i = 0; i < rows; ++i)
              h.write_row(sums.data + i * h.wide_, C(1) / total[i], out + at + i * args.channels);
          }
        });
  }

  static void backward(const AttentionArgs& args, const AttentionGradients& g) {
    const std::int64_t blocks = blocks_of(args), heads = args.batch * args.heads,
                       pieces = pieces_of(heads, blocks), wide = round_up(args.size, kLanes<C>);
    const HeadSums<C> sums_k(args, bool(g.dk), pieces, args.keys, wide),
        sums_v(args, bool(g.dv), pieces, args.keys, wide);
    const std::int64_t grain =
        std::max<std::int64_t>(1, grain_of(args) * pieces / std::max<std::int64_t>(1, blocks));
    const T *all_q = args.q.data<T>(), *all_y = g.y.data<T>(), *all_dy = g.dy.data<T>();
    const C* log_sums = g.lse.data<C>();
    T *dq = data_of(g.dq), *dk = data_of(g.dk), *dv = data_of(g.dv);
    parallel_for(0, heads * pieces, grain, [&](std::int64_t first, std::int64_t last) {
      AnySize h(args);
      const Buffer<C> rows_k = h.rows(), rows_v = h.rows(), weights = h.scores(), slopes = h.scores(),
                      drawn = h.scores(), factors = h.scores(), columns_q(wide * kQueries),
                      columns_dy(wide * kQueries), rows_q(wide * kQueries), rows_dy(wide * kQueries),
                      sums_q(wide * kQueries);
      alignas(64) C dots[kQueries] = {};
      for (std::int64_t task = first; task < last; ++task) {
        const std::int64_t piece = task % pieces;
        if (task / pieces != h.head_) {
          h.move_to(task / pieces);
          h.pack_rows(args.k, h.scale_, rows_k.data);
          h.pack_rows(args.v, C(1), rows_v.data);
        }
        sums_k.clear(h.head_, piece);
        sums_v.clear(h.head_, piece);
        for (std::int64_t i0 = piece * blocks / pieces * kQueries;
             i0 < (piece + 1) * blocks / pieces * kQueries; i0 += kQueries) {
          const std::int64_t rows = std::min(kQueries, args.queries - i0),
                             at = h.query_at_ + i0 * args.channels;
          const T *q = all_q + at, *y = all_y + at, *dy = all_dy + at;
          Scores::transpose_queries(q, args.channels, rows, args.size, columns_q.data, rows_q.data);
          Scores::transpose_queries(dy, args.channels, rows, args.size, columns_dy.data, rows_dy.data);
          Scores::dot_rows(y, dy, args.channels, rows, args.size, dots);
          h.for_each_block(i0, rows, [&](const Scores& block) {
            h.product(block, rows_k.data, columns_q.data, weights.data);
            h.product(block, rows_v.data, columns_dy.data, slopes.data);
            const C* kept = block.draw(drawn.data, factors.data);
            block.weigh_and_differentiate(log_sums + h.head_ * args.queries + i0, dots, kept, weights.data,
                                          slopes.data);
            if (dq) h.combine(block, slopes.data, rows_k.data, sums_q.data);
            if (dk) h.spread(block, slopes.data, rows_q.data, sums_k.at(h.head_, piece));
            if (dv) h.spread(block, weights.data, rows_dy.data, sums_v.at(h.head_, piece));
          });
          for (std::int64_t i = 0; i < rows && dq; ++i)
            h.write_row(sums_q.data + i * wide, C(1), dq + at + i * args.channels);
        }
        if (pieces > 1) continue;
        if (dk) sums_k.write_head(args, h.head_, h.scale_, dk);
        if (dv) sums_v.write_head(args, h.head_, C(1), dv);
      }
    });
    if (pieces > 1 && dk) sums_k.template add_up<T>(args, C(1) / std::sqrt(C(args.size)), g.dk);
    if (pieces > 1 && dv) sums_v.template add_up<T>(args, C(1), g.dv);
  }

 private:
  using C = ComputeType<T>;
  static constexpr std::int64_t kQueries = 4 * kLanes<C>, kMostKeys = 128;
  using Scores = ScoreBlock<C, kQueries>;

  explicit AnySize(const AttentionArgs& args) : args_(args) {}

  static T* data_of(const Tensor& x) { return x ? x.data<T>() : nullptr; }
  static std::int64_t blocks_of(const AttentionArgs& args) {
    return (args.queries + kQueries - 1) / kQueries;
  }
  // Blocks that are worth a thread: about 10^5 multiplications.
  static std::int64_t grain_of(const AttentionArgs& args) {
    return std::max<std::int64_t>(1, 100000 / (kQueries * args.keys * args.size));
  }

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
  // [keys][kQueries] = [keys][D] by [D][kQueries]
  void product(const Scores& block, const C* rows, const C* columns, C* to) const {
    register_product<kKeyTile>(block.keys, round_up(block.queries, 2 * kLanes<C>), args_.size,
                               rows + block.first_key * wide_, wide_, Fixed<1>(), kKeyTile * wide_, columns,
                               kQueries, to, kQueries, false);
  }
  // [queries][D] (+)= [queries][keys] by [keys][D]: sums over the blocks of keys
  void combine(const Scores& block, const C* scores, const C* rows, C* to) const {
    register_product<kQueryTile>(block.queries, wide_, block.keys, scores, Fixed<1>(), Fixed<kQueries>(),
                                 kQueryTile, rows + block.first_key * wide_, wide_, to, wide_,
                                 block.first_key > 0);
  }
  // [keys][D] += [keys][queries] by [queries][D]
  void spread(const Scores& block, const C* scores, const C* rows, C* to) const {
    register_product<kKeyTile>(block.keys, wide_, block.queries, scores, Fixed<kQueries>(), Fixed<1>(),
                               kKeyTile * kQueries, rows, wide_, to + block.first_key * wide_, wide_, true);
  }
  void write_row(const C* from, C factor, T* to) const {
    for (std::int64_t d = 0; d < args_.size; ++d) to[d] = convert<T>(from[d] * factor);
  }

  const AttentionArgs& args_;
  const C scale_ = C(1) / std::sqrt(C(args_.size));
  const std::int64_t wide_ = round_up(args_.size, kLanes<C>);
  // Blocks of keys are about equal.
  const std::int64_t key_blocks_ = (args_.keys + kMostKeys - 1) / kMostKeys,
                     block_keys_ = round_up((args_.keys + key_blocks_ - 1) / key_blocks_, kKeyTile);
  const Buffer<C> bias_{args_.keys};
  std::int64_t head_ = -1, query_at_ = 0, key_at_ = 0;
};

}  // namespace uls::kernels
