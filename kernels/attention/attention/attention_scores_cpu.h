// SPDX-License-Identifier: Apache-2.0
// A block of scores on the CPU, some keys by kQueries queries, with the queries along the lanes: the softmax
// and its gradient are sums and maxima of whole vectors, never along one.
#pragma once

#include "kernels/attention/attention/attention_args_cpu.h"
#include "kernels/attention/register_tiles_cpu.h"
#include "kernels/common/fast_math.h"

namespace uls::kernels {

// Scores, weights, slopes and factors lie as [keys][kQueries]. Lanes past `queries` hold anything.
template <typename C, std::int64_t kQueries>
struct ScoreBlock {
  const AttentionArgs& args;
  std::int64_t head, first_query, queries, first_key, keys;  // head: of all samples
  const C* bias;                                             // of these keys

  /// Scores become e^(score - shift), in the softmax that is taken online over blocks of keys: before the
  /// first block `highest` is -infinity and `total` 0. Earlier sums are to be multiplied by `rescale`. Where
  /// all keys so far are ignored, the total is 0.
  void exponentiate(C* scores, C* highest, C* total, C* rescale) const {
    constexpr C kNone = -std::numeric_limits<C>::infinity();
    alignas(64) C maximum[kQueries], shift[kQueries], sum[kQueries] = {};
    std::copy_n(highest, kQueries, maximum);
    for (std::int64_t j = 0; j < keys; ++j) {
      C* s = scores + j * kQueries;
      std::fill_n(s, hidden(j), kNone);
      for (std::int64_t i = 0; i < kQueries; ++i) {
        const C x = s[i] + bias[j];
        maximum[i] = x > maximum[i] ? x : maximum[i];
      }
    }
    for (std::int64_t i = 0; i < kQueries; ++i) shift[i] = maximum[i] == kNone ? C(0) : maximum[i];
    for (std::int64_t j = 0; j < keys; ++j) {
      C* s = scores + j * kQueries;
      for (std::int64_t i = 0; i < kQueries; ++i) s[i] = fast_exp_negative(s[i] + bias[j] - shift[i]);
      for (std::int64_t i = 0; i < kQueries; ++i) sum[i] += s[i];
    }
    for (std::int64_t i = 0; i < kQueries; ++i) rescale[i] = fast_exp_negative(highest[i] - shift[i]);
    for (std::int64_t i = 0; i < kQueries; ++i) total[i] = total[i] * rescale[i] + sum[i];
    std::copy_n(maximum, kQueries, highest);
  }

  /// Scores become weights P, and dy v^T becomes dy v^T F.
  void weigh(const C* log_sums, const C* factors, C* scores, C* slopes) const {
    alignas(64) C shift[kQueries] = {};
    std::copy_n(log_sums, queries, shift);
    for (std::int64_t j = 0; j < keys; ++j) weigh_key(j, shift, factors, scores, slopes);
  }
  /// P becomes P F, and dy v^T F becomes dS, with the sums over D of dy y in `dots`.
  void differentiate(const C* dots, const C* factors, C* weights, C* slopes) const {
    for (std::int64_t j = 0; j < keys; ++j) differentiate_key(j, dots, factors, weights, slopes);
  }
  /// Both, in one pass.
  void weigh_and_differentiate(const C* log_sums, const C* dots, const C* factors, C* scores,
                               C* slopes) const {
    alignas(64) C shift[kQueries] = {};
    std::copy_n(log_sums, queries, shift);
    for (std::int64_t j = 0; j < keys; ++j) {
      weigh_key(j, shift, factors, scores, slopes);
      differentiate_key(j, dots, factors, scores, slopes);
    }
  }
  void multiply(const C* factors, C* weights) const {
    for (std::int64_t e = 0; e < keys * kQueries; ++e) weights[e] *= factors[e];
  }

  /// The factors from dropout in `factors`, with as much room in `drawn`; null where nothing is dropped.
  const C* draw(C* drawn, C* factors) const {
    if (args.options.dropout == 0) return nullptr;
    const std::int64_t sample = head / args.heads;
    const std::int64_t first = (head % args.heads * args.queries + first_query) * args.keys + first_key;
    if (keys == args.keys)
      args.drop_factors(sample, first, queries * keys, drawn);
    else
      for (std::int64_t i = 0; i < queries; ++i)
        args.drop_factors(sample, first + i * args.keys, keys, drawn + i * keys);
    transpose_queries(drawn, keys, queries, keys, factors);
    return factors;
  }

  /// to[d * kQueries + i] = from[i * stride + d], and with `copy` the rows themselves.
  template <typename T>
  static void transpose_queries(const T* from, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                                C* to, C* copy = nullptr) {
    for (std::int64_t i = 0; i < rows; i += kLanes<C>)
      transpose_rows(from + i * stride, stride, rows - i, columns, to + i, kQueries,
                     copy ? copy + i * round_up(columns, kLanes<C>) : nullptr);
  }

  /// The sums over the columns of a b, of each row.
  template <typename T>
  static void dot_rows(const T* a, const T* b, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                       C* to) {
    constexpr int kWidth = kLanes<C>;
    for (std::int64_t i = 0; i < rows; i += kWidth) {
      Vector<C> sums[kWidth];
      for (int r = 0; r < kWidth; ++r) {
        const std::int64_t at = std::min(i + r, rows - 1) * stride;
        std::int64_t d = 0;
        Vector<C> sum{};
        for (; d + kWidth <= columns; d += kWidth)
          sum += load_vector<C>(a + at + d) * load_vector<C>(b + at + d);
        if (d < columns) sum += load_part<C>(a + at + d, columns - d) * load_part<C>(b + at + d, columns - d);
        sums[r] = sum;
      }
      transpose_lanes<C>(sums);
      for (int r = 1; r < kWidth; ++r) sums[0] += sums[r];
      store_vector<C>(sums[0], to + i);
    }
  }

 private:
  void weigh_key(std::int64_t j, const C* shift, const C* factors, C* scores, C* slopes) const {
    C *s = scores + j * kQueries, *slope = slopes + j * kQueries;
    for (std::int64_t i = 0; i < kQueries; ++i) s[i] = fast_exp_negative(s[i] + bias[j] - shift[i]);
    std::fill_n(s, hidden(j), C(0));
    for (std::int64_t i = 0; factors && i < kQueries; ++i) slope[i] *= factors[j * kQueries + i];
  }
  void differentiate_key(std::int64_t j, const C* dots, const C* factors, C* weights, C* slopes) const {
    C *w = weights + j * kQueries, *slope = slopes + j * kQueries;
    for (std::int64_t i = 0; i < kQueries; ++i) slope[i] = w[i] * (slope[i] - dots[i]);
    for (std::int64_t i = 0; factors && i < kQueries; ++i) w[i] *= factors[j * kQueries + i];
  }
  // How many queries do not see key j of the block.
  std::int64_t hidden(std::int64_t j) const {
    return args.options.causal ? std::clamp<std::int64_t>(first_key + j - first_query, 0, kQueries) : 0;
  }
};

}  // namespace uls::kernels
