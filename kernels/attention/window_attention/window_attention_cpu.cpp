// SPDX-License-Identifier: Apache-2.0
// A head of a window is worked on at once, in the first two levels of the cache. Its scores lie transposed, a
// row for each key and the queries side by side: softmax and its gradient run down the columns, so that no
// sum crosses lanes, and the scores and their transpose are left operands of the micro-kernel as they lie.
// Queries that are padding are left out: their results are cropped.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/attention/register_tiles_cpu.h"
#include "kernels/attention/tiles_cpu.h"
#include "kernels/attention/window_attention/window_attention_kernel.h"
#include "kernels/attention/window_attention/window_attention_math.h"
#include "kernels/common/fast_math.h"

namespace uls::kernels {
namespace {

constexpr std::int64_t kBlock = 64;  // queries whose scores lie side by side
constexpr std::int64_t kGroup = 16;  // windows of a task, at most

// e^x, and 0 where it is no normal number: denormal ones, such as e^kUnseen in float32, slow the processor
// down.
template <typename C>
C weight(C x) {
  constexpr C kLowest = sizeof(C) == 4 ? C(-87.3) : C(-708.3);
  const C e = fast_exp(x < kLowest ? kLowest : x);
  return x < kLowest ? C(0) : e;
}

// to = from^T for a square of vectors whose rows lie `stride` apart.
template <typename C>
void transpose(const C* from, C* to, std::int64_t stride) {
  Vector<C> rows[kLanes<C>];
#pragma GCC unroll 16
  for (int i = 0; i < kLanes<C>; ++i) rows[i] = load_vector<C>(from + i * stride);
  transpose_lanes<C>(rows);
#pragma GCC unroll 16
  for (int i = 0; i < kLanes<C>; ++i) store_vector<C>(rows[i], to + i * stride);
}

// At most a sliver's width; whole ones as vectors, not as a call of memmove.
template <typename From, typename To, typename C>
void copy_scaled(const From* from, std::int64_t count, C factor, To* to) {
  if constexpr (std::is_same_v<From, To>) {
    if (count == 2 * kLanes<C>) {
      const Vector<C> first = load_vector<C>(from) * factor,
                      second = load_vector<C>(from + kLanes<C>) * factor;
      store_vector<C>(first, to);
      store_vector<C>(second, to + kLanes<C>);
      return;
    }
  }
  for (std::int64_t i = 0; i < count; ++i) to[i] = convert<To>(load(from[i]) * factor);
}

// The windows of a call, and the tokens of one of them.
struct Window {
  // Along an axis the last window has a seam or padding, the one before may have padding, all others are
  // alike.
  static constexpr std::int64_t kPlaces = 3, kKinds = kPlaces * kPlaces;

  WindowAxis rows, columns;
  std::int64_t side, tokens, count, row = 0, column = 0, queries = 0;
  Buffer<std::int64_t> column_place, place, query;  // in [B H W], or -1; tokens that have a place

  Window(const Tensor& qkv, const WindowAttentionOptions& options)
      : rows(qkv.size(1), options.window, options.shift),
        columns(qkv.size(2), options.window, options.shift),
        side(options.window),
        tokens(side * side),
        count(qkv.size(0) * rows.windows * columns.windows),
        column_place(side),
        place(tokens),
        query(tokens) {}

  void move_to(std::int64_t window) {
    column = window % columns.windows;
    row = window / columns.windows % rows.windows;
    const std::int64_t first_line = window / columns.windows / rows.windows * rows.size;
    for (std::int64_t c = 0; c < side; ++c) column_place.data[c] = columns.place(column, c);
    queries = 0;
    for (std::int64_t r = 0, token = 0; r < side; ++r) {
      const std::int64_t line = rows.place(row, r), first = (first_line + line) * columns.size;
      for (std::int64_t c = 0; c < side; ++c, ++token) {
        const bool in_map = line >= 0 && column_place.data[c] >= 0;
        place.data[token] = in_map ? first + column_place.data[c] : -1;
        query.data[queries] = token;
        queries += in_map;
      }
    }
  }
  std::int64_t kind() const {
    const std::int64_t r = row + kPlaces - rows.windows, c = column + kPlaces - columns.windows;
    return std::max<std::int64_t>(r, 0) * kPlaces + std::max<std::int64_t>(c, 0);
  }
  /// Tokens of different parts do not see each other.
  std::int32_t part(std::int64_t token) const {
    return 2 * rows.rolled(row, token / side) + columns.rolled(column, token % side);
  }
};

// What is added to the scores of one head in each kind of window: expanded from the table when the first
// window of the kind comes up, and summed up from the slopes of scores the other way. Both are laid out as
// [blocks of queries][key][kBlock].
template <typename C>
class HeadBias {
 public:
  explicit HeadBias(std::int64_t side)
      : tokens_(side * side),
        lanes_(round_up(tokens_, kBlock)),
        entries_((2 * side - 1) * (2 * side - 1)),
        table_(entries_),
        scores_(Window::kKinds * tokens_ * lanes_),
        slopes_(Window::kKinds * tokens_ * lanes_),
        offset_(tokens_),
        entry_(Window::kKinds * lanes_),
        part_(lanes_) {
    for (std::int64_t t = 0; t < tokens_; ++t)
      offset_.data[t] = std::int32_t(t / side * (2 * side - 1) + t % side);
  }

  template <typename T>
  void move_to(std::int64_t head, const T* table, std::int64_t heads) {
    if (head == head_) return;
    head_ = head;
    for (std::int64_t e = 0; e < entries_; ++e) table_.data[e] = load(table[e * heads + head]);
    std::fill_n(is_expanded_, Window::kKinds, false);
  }

  const C* scores(const Window& window) {
    const std::int64_t kind = window.kind();
    C* to = scores_.data + kind * tokens_ * lanes_;
    if (is_expanded_[kind]) return to;
    is_expanded_[kind] = true;
    queries_[kind] = window.queries;
    std::int32_t* __restrict entry = entry_.data + kind * lanes_;
    std::int32_t* __restrict part = part_.data;
    for (std::int64_t l = 0; l < lanes_; ++l) {  // what lies past the queries repeats the last one
      const std::int64_t query = window.query.data[std::min(l, window.queries - 1)];
      entry[l] = offset_.data[query];
      part[l] = window.part(query);
    }
    for (std::int64_t block = 0; block < window.queries; block += kBlock)
      for (std::int64_t key = 0; key < tokens_; ++key) {
        C* __restrict row = to + block * tokens_ + key * kBlock;
        const C* from = table_.data + entries_ / 2 - offset_.data[key];
        const std::int32_t own = window.part(key);
        for (std::int64_t l = block; l < block + kBlock; ++l)
          row[l - block] = from[entry[l]] + C(kUnseen) * C(part[l] != own);
      }
    return to;
  }

  /// Where slopes of the scores are to be added.
  C* slopes(const Window& window) {
    const std::int64_t kind = window.kind(), size = tokens_ * lanes_;
    if (!has_slopes_[kind]) std::fill_n(slopes_.data + kind * size, size, C(0));
    has_slopes_[kind] = true;
    return slopes_.data + kind * size;
  }

  /// Adds all slopes to entries of a table, and starts afresh.
  void fold(C* table) {
    for (std::int64_t kind = 0; kind < Window::kKinds; ++kind) {
      if (!has_slopes_[kind]) continue;
      has_slopes_[kind] = false;
      for (std::int64_t l = 0; l < queries_[kind]; ++l) {
        const C* from = slopes_.data + kind * tokens_ * lanes_ + l / kBlock * tokens_ * kBlock + l % kBlock;
        C* to = table + entries_ / 2 + entry_.data[kind * lanes_ + l];
        for (std::int64_t key = 0; key < tokens_; ++key) to[-offset_.data[key]] += from[key * kBlock];
      }
    }
  }

 private:
  std::int64_t tokens_, lanes_, entries_, head_ = -1;
  Buffer<C> table_, scores_, slopes_;
  // Query and key have the entry offset(query) - offset(key) from the middle of the table.
  Buffer<std::int32_t> offset_, entry_, part_;
  bool is_expanded_[Window::kKinds] = {}, has_slopes_[Window::kKinds] = {};
  std::int64_t queries_[Window::kKinds] = {};
};

// The operands of one head. Rows of D channels lie in slivers of kTileColumns channels: left operands of
// products over channels, right operands of products over rows. All memory is finite throughout, since lanes
// and rows of no use are computed with.
template <typename T>
struct Head {
  using C = ComputeType<T>;
  static constexpr std::int64_t kRows = Tiles<C>::kRows, kWidth = Tiles<C>::kColumns;
  static_assert(kBlock % kWidth == 0);

  std::int64_t heads, channels, size, wide_size, tokens, capacity, index = 0;
  C scale;
  Tensor no_bias;
  const T *qkv, *padding;  // the map, and the pixel that it is padded with

  Head(const Tensor& qkv, const Tensor& qkv_bias, const WindowAttentionOptions& options)
      : heads(options.heads),
        channels(qkv.size(3) / 3),
        size(channels / heads),
        wide_size(round_up(size, kWidth)),
        tokens(options.window * options.window),
        capacity(round_up(std::max(tokens, kBlock), kRows)),
        scale(C(1) / std::sqrt(C(size))),
        no_bias(qkv_bias ? qkv_bias : zeros({3 * channels}, qkv.dtype())),
        qkv(qkv.data<T>()),
        padding(no_bias.data<T>()) {}

  Buffer<C> room(std::int64_t count) const {
    Buffer<C> buffer(count);
    std::fill_n(buffer.data, count, C(0));
    return buffer;
  }
  Buffer<C> rows() const { return room(capacity * wide_size); }
  Buffer<C> columns() const { return room(kBlock * wide_size); }
  Buffer<C> scores() const { return room(capacity * kBlock + kRows); }

  /// The channels of part 0, 1, 2 (q, k, v) of a token.
  const T* row(const Window& window, std::int64_t token, std::int64_t part) const {
    const std::int64_t place = window.place.data[token];
    return (place < 0 ? padding : qkv + place * 3 * channels) + part * channels + index * size;
  }
  // Asks for the head's channels of `parts` parts of the window's tokens in a map of as many parts, ahead of
  // time.
  template <bool kWrite>
  void prefetch(const Window& window, const T* map, std::int64_t parts) const {
    for (std::int64_t i = 0; i < tokens; ++i) {
      if (window.place.data[i] < 0) continue;
      const T* from = map + window.place.data[i] * parts * channels + index * size;
      for (std::int64_t part = 0; part < parts; ++part)
        for (std::int64_t d = 0; d < size; d += 64 / std::int64_t(sizeof(T)))
          __builtin_prefetch(from + part * channels + d, kWrite);
    }
  }

  template <typename RowOf>
  void load_rows(std::int64_t count, C factor, RowOf row_of, C* to) const {
    for (std::int64_t i = 0; i < count; ++i) {
      const T* from = row_of(i);
      for (std::int64_t d = 0; d < size; d += kWidth)
        copy_scaled(from + d, std::min(kWidth, size - d), factor, to + d * capacity + i * kWidth);
    }
  }
  /// Part 0, 1, 2 (q, k, v) of all tokens.
  void load_tokens(const Window& window, std::int64_t part, C* to) const {
    load_rows(
        tokens, C(1), [&](std::int64_t i) { return row(window, i, part); }, to);
  }
  void store_row(const C* from, C factor, T* to) const {
    for (std::int64_t d = 0; d < size; d += kWidth)
      copy_scaled(from + d, std::min(kWidth, size - d), factor, to + d);
  }
  /// Rows as right operands of products over channels.
  void turn(std::int64_t count, const C* rows, C* to) const {
    for (std::int64_t d = 0; d < size; d += kLanes<C>)
      for (std::int64_t i = 0; i < count; i += kLanes<C>)
        transpose<C>(rows + d / kWidth * kWidth * capacity + i * kWidth + d % kWidth,
                     to + i / kWidth * kWidth * wide_size + d * kWidth + i % kWidth, kWidth);
  }
  /// to [tokens][kBlock] = rows [tokens][D] times columns [D][count].
  void product(const C* rows, const C* columns, std::int64_t count, C* to) const {
    for (std::int64_t d = 0; d < size; d += kWidth)
      tile_product<C, kWidth, 1>(tokens, count, std::min(kWidth, size - d), rows + d * capacity,
                                 kRows * kWidth, columns + d * kWidth, wide_size * kWidth, to, kBlock, d > 0);
  }
};

// Tasks: the windows of a head in groups.
struct Tasks {
  std::int64_t windows, groups, count;
  Tasks(std::int64_t windows, std::int64_t heads)
      : windows(windows), groups((windows + kGroup - 1) / kGroup), count(groups * heads) {}
  std::int64_t head(std::int64_t task) const { return task / groups; }
  std::int64_t first(std::int64_t task) const { return task % groups * windows / groups; }
  std::int64_t last(std::int64_t task) const { return (task % groups + 1) * windows / groups; }
};

void window_attention(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
                      const WindowAttentionOptions& options, Tensor& y, Tensor& lse) {
  dispatch_floating("window_attention", qkv.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using C = ComputeType<T>;
    constexpr std::int64_t kRows = Head<T>::kRows, kWidth = Head<T>::kWidth;
    const Tasks tasks(lse.size(0), options.heads);
    const T* table = bias_table.data<T>();
    T* results = y.data<T>();
    C* log_sums = lse.data<C>();
    parallel_for(0, tasks.count, 1, [&](std::int64_t first, std::int64_t last) {
      Head<T> h(qkv, qkv_bias, options);
      Window window(qkv, options), next(qkv, options);
      HeadBias<C> biases(options.window);
      const Buffer<C> q = h.rows(), k = h.rows(), v = h.rows(), columns_of_q = h.columns(),
                      scores = h.scores(), sums = h.rows();
      alignas(64) C highest[kBlock], total[kBlock];
      for (std::int64_t task = first; task < last; ++task) {
        h.index = tasks.head(task);
        biases.move_to(h.index, table, h.heads);
        next.move_to(tasks.first(task));
        for (std::int64_t w = tasks.first(task); w < tasks.last(task); ++w) {
          std::swap(window, next);
          h.template prefetch<true>(window, results, 1);
          h.load_tokens(window, 1, k.data);
          h.load_tokens(window, 2, v.data);
          const C* bias = biases.scores(window);
          if (w + 1 < tasks.last(task)) {
            next.move_to(w + 1);
            h.template prefetch<false>(next, h.qkv, 3);
          }
          for (std::int64_t i0 = 0; i0 < window.queries; i0 += kBlock) {
            const std::int64_t count = std::min(kBlock, window.queries - i0),
                               width = round_up(count, kLanes<C>);
            const std::int64_t* query = window.query.data + i0;
            h.load_rows(
                count, h.scale, [&](std::int64_t i) { return h.row(window, query[i], 0); }, q.data);
            h.turn(count, q.data, columns_of_q.data);
            h.product(k.data, columns_of_q.data, count, scores.data);
            std::fill_n(highest, kBlock, -std::numeric_limits<C>::infinity());
            std::fill_n(total, kBlock, C(0));
            for (std::int64_t j = 0; j < h.tokens; ++j) {
              C* __restrict s = scores.data + j * kBlock;
              const C* __restrict b = bias + i0 * h.tokens + j * kBlock;
              for (std::int64_t l = 0; l < width; ++l) {
                s[l] += b[l];
                highest[l] = s[l] > highest[l] ? s[l] : highest[l];
              }
            }
            for (std::int64_t j = 0; j < h.tokens; ++j) {
              C* __restrict s = scores.data + j * kBlock;
              for (std::int64_t l = 0; l < width; ++l) {
                s[l] = weight(s[l] - highest[l]);
                total[l] += s[l];
              }
            }
            tile_product<C, 1, kBlock>(count, h.size, h.tokens, scores.data, kRows, v.data,
                                       h.capacity * kWidth, sums.data, h.wide_size, false);
            for (std::int64_t i = 0; i < count; ++i) {
              h.store_row(sums.data + i * h.wide_size, C(1) / total[i],
                          results + window.place.data[query[i]] * h.channels + h.index * h.size);
              log_sums[(w * h.heads + h.index) * h.tokens + query[i]] = highest[i] + std::log(total[i]);
            }
          }
        }
      }
    });
  });
}

void window_attention_grad(const Tensor& qkv, const Tensor& qkv_bias, const Tensor& bias_table,
                           const WindowAttentionOptions& options, const Tensor& lse, const Tensor& dy,
                           Tensor& dqkv, Tensor& dqkv_bias, Tensor& dbias_table) {
  dispatch_floating("window_attention", qkv.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using C = ComputeType<T>;
    constexpr std::int64_t kRows = Head<T>::kRows, kWidth = Head<T>::kWidth;
    const Tasks tasks(lse.size(0), options.heads);
    const std::int64_t entries = bias_table.size(0);
    const T *table = bias_table.data<T>(), *cotangents = dy.data<T>();
    const C* log_sums = lse.data<C>();
    T* gradients = dqkv ? dqkv.data<T>() : nullptr;
    // What each task adds to the table of its head, and to the padding's k and v.
    const std::int64_t size = qkv.size(3) / 3 / options.heads;
    const Buffer<C> tables(tasks.count * entries), paddings(tasks.count * 2 * size);
    parallel_for(0, tasks.count, 1, [&](std::int64_t first, std::int64_t last) {
      Head<T> h(qkv, qkv_bias, options);
      Window window(qkv, options), next(qkv, options);
      HeadBias<C> biases(options.window);
      const std::int64_t sliver = h.capacity * kWidth;
      const Buffer<C> q = h.rows(), k = h.rows(), v = h.rows(), g = h.rows(), columns_of_q = h.columns(),
                      columns_of_g = h.columns(), weights = h.scores(), slopes = h.scores(), dq = h.rows(),
                      dk = h.rows(), dv = h.rows();
      alignas(64) C log_sum[kBlock], dot[kBlock];
      std::fill_n(log_sum, kBlock, C(0));
      for (std::int64_t task = first; task < last; ++task) {
        h.index = tasks.head(task);
        biases.move_to(h.index, table, h.heads);
        next.move_to(tasks.first(task));
        C* padding = paddings.data + task * 2 * size;
        std::fill_n(padding, 2 * size, C(0));
        for (std::int64_t w = tasks.first(task); w < tasks.last(task); ++w) {
          std::swap(window, next);
          if (gradients) h.template prefetch<true>(window, gradients, 3);
          h.load_tokens(window, 1, k.data);
          h.load_tokens(window, 2, v.data);
          const C* bias = biases.scores(window);
          if (w + 1 < tasks.last(task)) {
            next.move_to(w + 1);
            h.template prefetch<false>(next, h.qkv, 3);
            h.template prefetch<false>(next, cotangents, 1);
          }
          for (std::int64_t i0 = 0; i0 < window.queries; i0 += kBlock) {
            const std::int64_t count = std::min(kBlock, window.queries - i0),
                               width = round_up(count, kLanes<C>);
            const std::int64_t* query = window.query.data + i0;
            h.load_rows(
                count, h.scale, [&](std::int64_t i) { return h.row(window, query[i], 0); }, q.data);
            h.load_rows(
                count, C(1),
                [&](std::int64_t i) {
                  return cotangents + window.place.data[query[i]] * h.channels + h.index * h.size;
                },
                g.data);
            h.turn(count, q.data, columns_of_q.data);
            h.turn(count, g.data, columns_of_g.data);
            h.product(k.data, columns_of_q.data, count, weights.data);
            h.product(v.data, columns_of_g.data, count, slopes.data);
            for (std::int64_t i = 0; i < count; ++i)
              log_sum[i] = log_sums[(w * h.heads + h.index) * h.tokens + query[i]];
            std::fill_n(dot, kBlock, C(0));
            for (std::int64_t j = 0; j < h.tokens; ++j) {
              C* __restrict p = weights.data + j * kBlock;
              const C* __restrict b = bias + i0 * h.tokens + j * kBlock;
              const C* __restrict s = slopes.data + j * kBlock;
              for (std::int64_t l = 0; l < width; ++l) {
                p[l] = weight(p[l] + b[l] - log_sum[l]);
                dot[l] += p[l] * s[l];
              }
            }
            C* sums = biases.slopes(window) + i0 * h.tokens;
            for (std::int64_t j = 0; j < h.tokens; ++j) {
              const C* __restrict p = weights.data + j * kBlock;
              C* __restrict s = slopes.data + j * kBlock;
              C* __restrict sum = sums + j * kBlock;
              for (std::int64_t l = 0; l < width; ++l) {
                s[l] = p[l] * (s[l] - dot[l]);
                sum[l] += s[l];
              }
            }
            tile_product<C, 1, kBlock>(count, h.size, h.tokens, slopes.data, kRows, k.data, sliver, dq.data,
                                       h.wide_size, false);
            tile_product<C, kBlock, 1>(h.tokens, h.size, count, slopes.data, kRows * kBlock, q.data, sliver,
                                       dk.data, h.wide_size, i0 > 0);
            tile_product<C, kBlock, 1>(h.tokens, h.size, count, weights.data, kRows * kBlock, g.data, sliver,
                                       dv.data, h.wide_size, i0 > 0);
            for (std::int64_t i = 0; gradients && i < count; ++i)
              h.store_row(dq.data + i * h.wide_size, h.scale,
                          gradients + window.place.data[query[i]] * 3 * h.channels + h.index * h.size);
          }
          for (std::int64_t j = 0; j < h.tokens; ++j)
            for (std::int64_t part = 0; part < 2; ++part) {
              const C* from = (part ? dv : dk).data + j * h.wide_size;
              const std::int64_t place = window.place.data[j];
              if (place < 0)
                for (std::int64_t d = 0; d < h.size; ++d) padding[part * size + d] += from[d];
              else if (gradients)
                h.store_row(from, C(1), gradients + (place * 3 + 1 + part) * h.channels + h.index * h.size);
            }
        }
        std::fill_n(tables.data + task * entries, entries, C(0));
        biases.fold(tables.data + task * entries);
      }
    });
    for (std::int64_t head = 0; head < options.heads; ++head) {
      if (dbias_table)
        for (std::int64_t e = 0; e < entries; ++e) {
          C sum = 0;
          for (std::int64_t group = 0; group < tasks.groups; ++group)
            sum += tables.data[(head * tasks.groups + group) * entries + e];
          dbias_table.data<T>()[e * options.heads + head] = convert<T>(sum);
        }
      if (dqkv_bias)
        for (std::int64_t d = 0; d < size; ++d) {
          T* to = dqkv_bias.data<T>() + head * size + d;
          to[0] = convert<T>(C(0));
          for (std::int64_t part = 0; part < 2; ++part) {
            C sum = 0;
            for (std::int64_t group = 0; group < tasks.groups; ++group)
              sum += paddings.data[((head * tasks.groups + group) * 2 + part) * size + d];
            to[(1 + part) * size * options.heads] = convert<T>(sum);
          }
        }
    }
  });
}

}  // namespace

void bind_window_attention_cpu() {
  slots::window_attention.bind(DeviceType::cpu, window_attention);
  slots::window_attention_grad.bind(DeviceType::cpu, window_attention_grad);
}

}  // namespace uls::kernels
