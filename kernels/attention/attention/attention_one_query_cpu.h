// SPDX-License-Identifier: Apache-2.0
// Attention of one query (the query decoder's): products of vectors alone, so keys and values are read as
// they lie and packed nowhere. A head is one thread's.
#pragma once

#include <cmath>

#include "kernels/attention/attention/attention_args_cpu.h"
#include "kernels/common/fast_math.h"
#include "kernels/common/lanes.h"

namespace uls::kernels {

template <typename T>
class OneQuery {
 public:
  static constexpr const char* kName = "one query";

  static bool can_implement(const AttentionArgs& args) { return args.queries == 1; }

  static void forward(const AttentionArgs& args, Tensor& y, Tensor& lse) {
    for_each_head(args, [&](const OneQuery& h) {
      C* weights = h.weights_.data;
      h.score(weights);
      const C highest = lane_max(weights, args.keys);
      // Where all keys are ignored: 0 / 0.
      const C shift = highest == -std::numeric_limits<C>::infinity() ? C(0) : highest;
      for (std::int64_t j = 0; j < args.keys; ++j) weights[j] = fast_exp(weights[j] - shift);
      const C total = lane_sum(weights, args.keys), inverse = C(1) / total;
      for (std::int64_t j = 0; j < args.keys; ++j) weights[j] *= inverse * h.factors_.data[j];
      lse.data<C>()[h.head_] = highest + std::log(total);
      h.add_up(weights, args.v, y);
    });
  }

  static void backward(const AttentionArgs& args, const AttentionGradients& g) {
    for_each_head(args, [&](const OneQuery& h) {
      C *weights = h.weights_.data, *slopes = h.slopes_.data;
      const C* factors = h.factors_.data;
      const C log_sum = g.lse.data<C>()[h.head_];
      h.score(weights);
      h.multiply(g.dy, args.v, slopes);
      for (std::int64_t j = 0; j < args.keys; ++j) weights[j] = fast_exp(weights[j] - log_sum);
      for (std::int64_t j = 0; j < args.keys; ++j) slopes[j] *= factors[j];
      // Equal to the sum over D of dy y.
      const C dot = lane_sum_of<C>(args.keys, [=](std::int64_t j) { return weights[j] * slopes[j]; });
      for (std::int64_t j = 0; j < args.keys; ++j) slopes[j] = h.scale_ * weights[j] * (slopes[j] - dot);
      for (std::int64_t j = 0; j < args.keys; ++j) weights[j] *= factors[j];
      if (g.dq) h.add_up(slopes, args.k, g.dq);
      if (g.dk) h.spread(slopes, args.q, g.dk);
      if (g.dv) h.spread(weights, g.dy, g.dv);
    });
  }

 private:
  using C = ComputeType<T>;

  explicit OneQuery(const AttentionArgs& args) : args_(args) {}

  template <typename Use>
  static void for_each_head(const AttentionArgs& args, Use use) {
    const std::int64_t grain = std::max<std::int64_t>(1, 100000 / (args.keys * args.size));
    parallel_for(0, args.batch * args.heads, grain, [&](std::int64_t first, std::int64_t last) {
      OneQuery h(args);
      for (std::int64_t head = first; head < last; ++head) {
        h.move_to(head);
        use(std::as_const(h));
      }
    });
  }

  void move_to(std::int64_t head) {
    const std::int64_t sample = head / args_.heads, n = head % args_.heads;
    head_ = head;
    query_at_ = sample * args_.channels + n * args_.size;
    key_at_ = sample * args_.keys * args_.channels + n * args_.size;
    args_.key_bias(sample, bias_.data);
    if (args_.options.causal)
      std::fill_n(bias_.data + 1, args_.keys - 1, -std::numeric_limits<C>::infinity());
    if (args_.options.dropout > 0)
      args_.drop_factors(sample, n * args_.keys, args_.keys, factors_.data);
    else
      std::fill_n(factors_.data, args_.keys, C(1));
  }

  // to[j] = x . row j of `rows`, where x is [B, 1, C] and rows [B, L, C].
  void multiply(const Tensor& x, const Tensor& rows, C* to) const {
    const T *a = x.data<T>() + query_at_, *b = rows.data<T>() + key_at_;
    for (std::int64_t j = 0; j < args_.keys; ++j, b += args_.channels)
      to[j] = lane_sum_of<C>(args_.size, [=](std::int64_t d) { return load(a[d]) * load(b[d]); });
  }
  void score(C* to) const {
    multiply(args_.q, args_.k, to);
    for (std::int64_t j = 0; j < args_.keys; ++j) to[j] = to[j] * scale_ + bias_.data[j];
  }
  // to = the rows' sum, each times its weight.
  void add_up(const C* weights, const Tensor& rows, Tensor& to) const {
    const T* from = rows.data<T>() + key_at_;
    C* sum = sum_.data;
    std::fill_n(sum, args_.size, C(0));
    for (std::int64_t j = 0; j < args_.keys; ++j, from += args_.channels)
      for (std::int64_t d = 0; d < args_.size; ++d) sum[d] += weights[j] * load(from[d]);
    for (std::int64_t d = 0; d < args_.size; ++d) to.data<T>()[query_at_ + d] = convert<T>(sum[d]);
  }
  // Row j of `to` = x times weight j.
  void spread(const C* weights, const Tensor& x, Tensor& to) const {
    const T* a = x.data<T>() + query_at_;
    T* out = to.data<T>() + key_at_;
    for (std::int64_t j = 0; j < args_.keys; ++j, out += args_.channels)
      for (std::int64_t d = 0; d < args_.size; ++d) out[d] = convert<T>(weights[j] * load(a[d]));
  }

  const AttentionArgs& args_;
  const C scale_ = C(1) / std::sqrt(C(args_.size));
  // By key: 0 or -infinity, weights, their slopes, the factors from dropout; and a sum over keys.
  const Buffer<C> bias_{args_.keys}, weights_{args_.keys}, slopes_{args_.keys}, factors_{args_.keys},
      sum_{args_.size};
  std::int64_t head_ = 0, query_at_ = 0, key_at_ = 0;
};

}  // namespace uls::kernels
