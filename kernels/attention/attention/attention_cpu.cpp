// SPDX-License-Identifier: Apache-2.0
// Tiles of scores (some queries by some keys) come from blocked_gemm's micro-kernel on packed operands,
// become weights in place, and are operands themselves of the next product: as they lie, or transposed by
// their strides. Forward, threads share blocks of queries; the softmax is taken online over blocks of keys
// (Milakov and Gimelshein 2018; Dao et al. 2022). Backward, a head is one thread's: dk and dv are summed in
// the order of queries.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/attention/attention/attention_kernel.h"
#include "kernels/attention/tiles_cpu.h"
#include "kernels/common/fast_math.h"
#include "kernels/common/lanes.h"

namespace uls::kernels {
namespace {

// What both directions know about one head of one sample.
template <typename C>
struct Head {
  std::int64_t heads, queries, keys, channels, size, wide_size, wide_keys, index = -1;
  const Tensor& mask;
  const AttentionOptions& options;
  const RandomKey& key;
  C scale;
  Buffer<C> key_bias;  // 0, or -infinity where the key is ignored

  Head(const Tensor& q, const Tensor& k, const Tensor& mask, const AttentionOptions& options,
       const RandomKey& key)
      : heads(options.heads),
        queries(q.size(1)),
        keys(k.size(1)),
        channels(q.size(2)),
        size(channels / heads),
        wide_size(round_up(size, Tiles<C>::kColumns)),
        wide_keys(round_up(keys, Tiles<C>::kKeys)),
        mask(mask),
        options(options),
        key(key),
        scale(C(1) / std::sqrt(C(size))),
        key_bias(wide_keys) {}

  void move_to(std::int64_t head) {
    index = head;
    const bool* ignored = mask ? mask.data<bool>() + sample() * keys : nullptr;
    for (std::int64_t j = 0; j < keys; ++j)
      key_bias.data[j] = ignored && ignored[j] ? -std::numeric_limits<C>::infinity() : C(0);
  }
  std::int64_t sample() const { return index / heads; }
  /// Of the head's first element in [B, length, C].
  std::int64_t offset(std::int64_t length) const {
    return sample() * length * channels + index % heads * size;
  }
  /// Keys before this one are all that queries before `query` see.
  std::int64_t last_key(std::int64_t query) const { return options.causal ? std::min(keys, query) : keys; }
  /// How many keys of the block at `first_key` query i sees.
  std::int64_t visible(std::int64_t i, std::int64_t first_key) const {
    return std::clamp<std::int64_t>(last_key(i + 1) - first_key, 0, Tiles<C>::kKeys);
  }
  void drop(std::int64_t i, std::int64_t first_key, std::int64_t count, C* weights) const {
    if (options.dropout == 0) return;
    const std::int64_t element = (index % heads * queries + i) * keys + first_key;
    const C factor = C(1 / (1 - options.dropout));
    const float limit = float(options.dropout);
    PhiloxCounter words{};
    for (std::int64_t j = 0; j < count; ++j) {
      const std::uint64_t e = std::uint64_t(element + j);
      if (j == 0 || e % 4 == 0) words = key.words(sample(), e / 4);
      weights[j] *= uniform_float(words[e % 4]) < limit ? C(0) : factor;
    }
  }
};

// Heads that are worth a thread: about 10^5 multiplications.
std::int64_t grain_of(std::int64_t queries, std::int64_t keys, std::int64_t size) {
  return std::max<std::int64_t>(1, 100000 / std::max<std::int64_t>(1, queries * keys * size));
}

void attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
               const AttentionOptions& options, const RandomKey& key, Tensor& y, Tensor& lse) {
  dispatch_floating("attention", q.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using C = ComputeType<T>;
    using Tile = Tiles<C>;
    constexpr std::int64_t kRows = Tile::kRows, kColumns = Tile::kColumns, kStride = Tile::kStride;
    const std::int64_t queries = q.size(1), blocks = (queries + Tile::kQueries - 1) / Tile::kQueries;
    const T *pq = q.data<T>(), *pk = k.data<T>(), *pv = v.data<T>();
    T* py = y.data<T>();
    C* plse = lse.data<C>();
    const std::int64_t grain =
        grain_of(std::min(queries, Tile::kQueries), k.size(1), q.size(2) / options.heads);
    parallel_for(0, lse.size(0) * options.heads * blocks, grain, [&](std::int64_t first, std::int64_t last) {
      Head<C> h(q, k, mask, options, key);
      const Buffer<C> packed_q(Tile::kQueries * h.size), packed_k(h.wide_keys * h.size),
          packed_v(h.wide_keys * h.wide_size), scores(Tile::kQueries * kStride),
          sums(Tile::kQueries * h.wide_size);
      C highest[Tile::kQueries], total[Tile::kQueries];
      for (std::int64_t task = first; task < last; ++task) {
        if (task / blocks != h.index) {
          h.move_to(task / blocks);
          pack_rows<kColumns>(pk + h.offset(h.keys), h.channels, h.keys, h.size, packed_k.data);
          pack_columns(pv + h.offset(h.keys), h.channels, h.keys, h.size, h.wide_keys * kColumns,
                       packed_v.data);
        }
        const std::int64_t i0 = task % blocks * Tile::kQueries, rows = std::min(Tile::kQueries, queries - i0);
        const std::int64_t at = h.offset(queries) + i0 * h.channels;
        pack_rows<kRows>(pq + at, h.channels, rows, h.size, packed_q.data);
        std::fill_n(highest, rows, -std::numeric_limits<C>::infinity());
        std::fill_n(total, rows, C(0));
        for (std::int64_t j0 = 0; j0 < h.last_key(i0 + rows); j0 += Tile::kKeys) {
          const std::int64_t keys = std::min(Tile::kKeys, h.keys - j0), width = round_up(keys, kColumns);
          tile_product<C, 1, kRows>(rows, keys, h.size, packed_q.data, h.size * kRows,
                                    packed_k.data + j0 * h.size, h.size * kColumns, scores.data, kStride,
                                    false);
          for (std::int64_t i = 0; i < rows; ++i) {
            C* s = scores.data + i * kStride;
            const C* bias = h.key_bias.data + j0;
            const std::int64_t visible = h.visible(i0 + i, j0);
            // Whole vectors: what lies past the visible keys weighs e^-infinity = 0.
            for (std::int64_t j = 0; j < width; ++j) s[j] = s[j] * h.scale + bias[j];
            std::fill(s + visible, s + width, -std::numeric_limits<C>::infinity());
            const C maximum = std::max(highest[i], lane_max(s, width));
            // Where all keys so far are ignored, so do they.
            const C shift = maximum == -std::numeric_limits<C>::infinity() ? C(0) : maximum;
            for (std::int64_t j = 0; j < width; ++j) s[j] = fast_exp(s[j] - shift);
            const C rescale = fast_exp(highest[i] - shift);
            highest[i] = maximum;
            total[i] = total[i] * rescale + lane_sum(s, width);
            C* sum = sums.data + i * h.wide_size;
            for (std::int64_t d = 0; j0 > 0 && d < h.size; ++d) sum[d] *= rescale;
            h.drop(i0 + i, j0, visible, s);
          }
          tile_product<C, kStride, 1>(rows, h.size, keys, scores.data, kRows * kStride,
                                      packed_v.data + j0 * kColumns, h.wide_keys * kColumns, sums.data,
                                      h.wide_size, j0 > 0);
        }
        for (std::int64_t i = 0; i < rows; ++i) {
          const C* sum = sums.data + i * h.wide_size;
          const C inverse = C(1) / total[i];
          for (std::int64_t d = 0; d < h.size; ++d)
            py[at + i * h.channels + d] = convert<T>(sum[d] * inverse);
          plse[h.index * queries + i0 + i] = highest[i] + std::log(total[i]);
        }
      }
    });
  });
}

void attention_grad(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                    const AttentionOptions& options, const RandomKey& key, const Tensor& y, const Tensor& lse,
                    const Tensor& dy, Tensor& dq, Tensor& dk, Tensor& dv) {
  dispatch_floating("attention", q.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using C = ComputeType<T>;
    using Tile = Tiles<C>;
    constexpr std::int64_t kRows = Tile::kRows, kColumns = Tile::kColumns, kStride = Tile::kStride;
    const T *pq = q.data<T>(), *pk = k.data<T>(), *pv = v.data<T>(), *py = y.data<T>(), *pdy = dy.data<T>();
    const C* plse = lse.data<C>();
    // Sums of one head, whose rows lie `wide` apart, into its place.
    const auto store = [](const C* from, std::int64_t wide, std::int64_t rows, const Head<C>& h, T* to) {
      for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t d = 0; d < h.size; ++d) to[i * h.channels + d] = convert<T>(from[i * wide + d]);
    };
    const std::int64_t grain = grain_of(q.size(1), k.size(1), q.size(2) / options.heads);
    parallel_for(0, q.size(0) * options.heads, grain, [&](std::int64_t first, std::int64_t last) {
      Head<C> h(q, k, mask, options, key);
      const std::int64_t size = h.size, wide = h.wide_size, key_sliver = h.wide_keys * kColumns;
      const Buffer<C> rows_of_k(h.wide_keys * size), rows_of_v(h.wide_keys * size),
          columns_of_k(h.wide_keys * wide), rows_of_q(Tile::kQueries * size),
          rows_of_dy(Tile::kQueries * size), columns_of_q(Tile::kQueries * wide),
          columns_of_dy(Tile::kQueries * wide), weights(Tile::kQueries * kStride),
          slopes(Tile::kQueries * kStride), sum_q(Tile::kQueries * wide), sum_k(h.wide_keys * wide),
          sum_v(h.wide_keys * wide);
      C dots[Tile::kQueries];
      for (std::int64_t head = first; head < last; ++head) {
        h.move_to(head);
        const std::int64_t key_at = h.offset(h.keys);
        pack_rows<kColumns>(pk + key_at, h.channels, h.keys, size, rows_of_k.data);
        pack_rows<kColumns>(pv + key_at, h.channels, h.keys, size, rows_of_v.data);
        pack_columns(pk + key_at, h.channels, h.keys, size, key_sliver, columns_of_k.data);
        std::fill_n(sum_k.data, h.wide_keys * wide, C(0));
        std::fill_n(sum_v.data, h.wide_keys * wide, C(0));
        for (std::int64_t i0 = 0; i0 < h.queries; i0 += Tile::kQueries) {
          const std::int64_t rows = std::min(Tile::kQueries, h.queries - i0);
          const std::int64_t at = h.offset(h.queries) + i0 * h.channels;
          pack_rows<kRows>(pq + at, h.channels, rows, size, rows_of_q.data);
          pack_rows<kRows>(pdy + at, h.channels, rows, size, rows_of_dy.data);
          pack_columns(pq + at, h.channels, rows, size, Tile::kQueries * kColumns, columns_of_q.data);
          pack_columns(pdy + at, h.channels, rows, size, Tile::kQueries * kColumns, columns_of_dy.data);
          for (std::int64_t i = 0; i < rows; ++i)
            dots[i] = lane_sum_of<C>(size, [a = pdy + at + i * h.channels, b = py + at + i * h.channels](
                                               auto d) { return load(a[d]) * load(b[d]); });
          for (std::int64_t j0 = 0; j0 < h.last_key(i0 + rows); j0 += Tile::kKeys) {
            const std::int64_t keys = std::min(Tile::kKeys, h.keys - j0), key_tiles = j0 * size,
                               width = round_up(keys, kColumns);
            tile_product<C, 1, kRows>(rows, keys, size, rows_of_q.data, size * kRows,
                                      rows_of_k.data + key_tiles, size * kColumns, weights.data, kStride,
                                      false);
            tile_product<C, 1, kRows>(rows, keys, size, rows_of_dy.data, size * kRows,
                                      rows_of_v.data + key_tiles, size * kColumns, slopes.data, kStride,
                                      false);
            for (std::int64_t i = 0; i < rows; ++i) {
              C *w = weights.data + i * kStride, *slope = slopes.data + i * kStride;
              const C *bias = h.key_bias.data + j0, log_sum = plse[h.index * h.queries + i0 + i],
                      dot = dots[i];
              const std::int64_t visible = h.visible(i0 + i, j0);
              for (std::int64_t j = 0; j < width; ++j) w[j] = fast_exp(w[j] * h.scale + bias[j] - log_sum);
              h.drop(i0 + i, j0, visible, slope);
              for (std::int64_t j = 0; j < width; ++j) slope[j] = h.scale * w[j] * (slope[j] - dot);
              h.drop(i0 + i, j0, visible, w);
              std::fill(w + visible, w + Tile::kKeys, C(0));
              std::fill(slope + visible, slope + Tile::kKeys, C(0));
            }
            if (dq)
              tile_product<C, kStride, 1>(rows, size, keys, slopes.data, kRows * kStride,
                                          columns_of_k.data + j0 * kColumns, key_sliver, sum_q.data, wide,
                                          j0 > 0);
            if (dk)
              tile_product<C, 1, kStride>(keys, size, rows, slopes.data, kRows, columns_of_q.data,
                                          Tile::kQueries * kColumns, sum_k.data + j0 * wide, wide, true);
            if (dv)
              tile_product<C, 1, kStride>(keys, size, rows, weights.data, kRows, columns_of_dy.data,
                                          Tile::kQueries * kColumns, sum_v.data + j0 * wide, wide, true);
          }
          if (dq) store(sum_q.data, wide, rows, h, dq.data<T>() + at);
        }
        if (dk) store(sum_k.data, wide, h.keys, h, dk.data<T>() + key_at);
        if (dv) store(sum_v.data, wide, h.keys, h, dv.data<T>() + key_at);
      }
    });
  });
}

}  // namespace

void bind_attention_cpu() {
  slots::attention.bind(DeviceType::cpu, attention);
  slots::attention_grad.bind(DeviceType::cpu, attention_grad);
}

}  // namespace uls::kernels
