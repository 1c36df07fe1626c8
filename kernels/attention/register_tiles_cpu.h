// SPDX-License-Identifier: Apache-2.0
// Small products on the CPU with tiles of any height, for operands that would leave most rows of
// blocked_gemm's tiles empty, and the transposition of rows into lanes in registers.
#pragma once

#include <type_traits>

#include "kernels/common/blocked_gemm.h"

namespace uls::kernels {

template <typename C>
inline constexpr int kLanes = GemmBlocks<C>::kLanes;

/// Heights of tiles that fill the registers with two vectors a row: of keys, and of queries in whole blocks.
inline constexpr int kKeyTile = 6, kQueryTile = kVectorBytes == 64 ? 8 : 4;

template <typename C>
struct VectorOf {
  typedef C Aligned __attribute__((vector_size(kVectorBytes)));
  typedef C Anywhere __attribute__((vector_size(kVectorBytes), aligned(sizeof(C)), may_alias));
};
template <typename C>
using Vector = typename VectorOf<C>::Aligned;

template <typename C, typename T>
inline Vector<C> load_vector(const T* from) {
  if constexpr (std::is_same_v<T, C>) {
    return *reinterpret_cast<const typename VectorOf<C>::Anywhere*>(from);
  } else {
    alignas(kVectorBytes) C x[kLanes<C>];
    for (int l = 0; l < kLanes<C>; ++l) x[l] = load(from[l]);
    return *reinterpret_cast<const typename VectorOf<C>::Anywhere*>(x);
  }
}

/// The first `count` elements, then zeros.
template <typename C, typename T>
inline Vector<C> load_part(const T* from, std::int64_t count) {
  alignas(kVectorBytes) C x[kLanes<C>] = {};
  for (std::int64_t l = 0; l < count; ++l) x[l] = load(from[l]);
  return load_vector<C>(x);
}

template <typename C, typename T>
inline void store_vector(const Vector<C>& x, T* to) {
  if constexpr (std::is_same_v<T, C>)
    *reinterpret_cast<typename VectorOf<C>::Anywhere*>(to) = x;
  else
    for (int l = 0; l < kLanes<C>; ++l) to[l] = convert<T>(x[l]);
}

/// Lane l of vector r becomes lane r of vector l: the bits of the two numbers change places, one at a time.
template <typename C, int kBit = 1>
inline void transpose_lanes(Vector<C> (&x)[kLanes<C>]) {
  constexpr int kCount = kLanes<C>;
  using Integer = std::conditional_t<sizeof(C) == 4, std::int32_t, std::int64_t>;
  Vector<Integer> low, high;
#pragma GCC unroll 16
  for (int l = 0; l < kCount; ++l) {
    low[l] = l & kBit ? kCount + l - kBit : l;
    high[l] = l & kBit ? kCount + l : l + kBit;
  }
#pragma GCC unroll 16
  for (int r = 0; r < kCount; ++r)
    if (!(r & kBit)) {
      const Vector<C> a = x[r], b = x[r + kBit];
      x[r] = __builtin_shuffle(a, b, low);
      x[r + kBit] = __builtin_shuffle(a, b, high);
    }
  if constexpr (2 * kBit < kCount) transpose_lanes<C, 2 * kBit>(x);
}

/// to[d * to_stride + i] = from[i * stride + d] for i < kLanes and d < columns; rows past `count` - 1 are
/// that one again. `to` gets whole vectors of d, zeros past `columns`; each d writes kLanes elements, and the
/// next may lie over some of them. With `copy`, the rows go there too, whole vectors side by side.
template <typename C, typename T>
void transpose_rows(const T* from, std::int64_t stride, std::int64_t count, std::int64_t columns, C* to,
                    std::int64_t to_stride, C* copy = nullptr) {
  const T* rows[kLanes<C>];
  for (int i = 0; i < kLanes<C>; ++i) rows[i] = from + std::min<std::int64_t>(i, count - 1) * stride;
  const std::int64_t copy_stride = (columns + kLanes<C> - 1) / kLanes<C> * kLanes<C>;
  const auto block = [&](std::int64_t d, auto get) {
    Vector<C> x[kLanes<C>];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes<C>; ++i) x[i] = get(rows[i] + d);
    if (copy)
#pragma GCC unroll 16
      for (int i = 0; i < kLanes<C>; ++i) store_vector<C>(x[i], copy + i * copy_stride + d);
    transpose_lanes<C>(x);
#pragma GCC unroll 16
    for (int i = 0; i < kLanes<C>; ++i) store_vector<C>(x[i], to + (d + i) * to_stride);
  };
  std::int64_t d = 0;
  for (; d + kLanes<C> <= columns; d += kLanes<C>) block(d, [](const T* at) { return load_vector<C>(at); });
  if (d < columns) block(d, [&](const T* at) { return load_part<C>(at, columns - d); });
}

/// Rows of whole vectors side by side, zeros past `columns`, in the compute type.
template <typename C, typename T>
void copy_rows(const T* from, std::int64_t stride, std::int64_t count, std::int64_t columns, C* to) {
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t d = 0;
    for (; d + kLanes<C> <= columns; d += kLanes<C>, to += kLanes<C>)
      store_vector<C>(load_vector<C>(from + i * stride + d), to);
    if (d < columns) store_vector<C>(load_part<C>(from + i * stride + d, columns - d), to), to += kLanes<C>;
  }
}

/// A distance known at compile time, where otherwise a number stands.
template <std::int64_t kCount>
using Fixed = std::integral_constant<std::int64_t, kCount>;

// to[kHeight][kVectors * kLanes] (+)= sum over p < depth of a[i * row + p * step] b[p * b_stride + ...]
template <int kHeight, int kVectors, typename C, typename T, typename Row, typename Step>
inline void register_tile(std::int64_t depth, const C* a, Row row, Step step, const C* b,
                          std::int64_t b_stride, T* to, std::int64_t stride, bool add) {
  Vector<C> sums[kHeight][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kHeight; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[i][v] = Vector<C>{};
#pragma GCC unroll 2
  for (std::int64_t p = 0; p < depth; ++p) {
    Vector<C> line[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) line[v] = load_vector<C>(b + p * b_stride + v * kLanes<C>);
#pragma GCC unroll 16
    for (int i = 0; i < kHeight; ++i) {
      const C x = a[i * row + p * step];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[i][v] += x * line[v];
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kHeight; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      T* out = to + i * stride + v * kLanes<C>;
      store_vector<C>(add ? sums[i][v] + load_vector<C>(out) : sums[i][v], out);
    }
}

/// The product of `rows` by whole vectors of columns, in tiles of kHeight rows that lie `tile` apart in a;
/// what is left of the rows goes by smaller tiles, and needs tile = kHeight * row.
template <int kHeight, typename C, typename T, typename Row, typename Step>
void register_product(std::int64_t rows, std::int64_t columns, std::int64_t depth, const C* a, Row row,
                      Step step, std::int64_t tile, const C* b, std::int64_t b_stride, T* to,
                      std::int64_t stride, bool add) {
  const auto strip = [&](auto vectors, std::int64_t j) {
    std::int64_t i = 0;
    const auto tiles = [&](auto height) {
      for (; i + height <= rows; i += height)
        register_tile<height, vectors>(depth, a + i / kHeight * tile + i % kHeight * row, row, step, b + j,
                                       b_stride, to + i * stride + j, stride, add);
    };
    tiles(Fixed<kHeight>());
    if constexpr (kHeight > 4) tiles(Fixed<4>());
    if constexpr (kHeight > 2) tiles(Fixed<2>());
    tiles(Fixed<1>());
  };
  std::int64_t j = 0;
  for (; j + 2 * kLanes<C> <= columns; j += 2 * kLanes<C>) strip(Fixed<2>(), j);
  if (j < columns) strip(Fixed<1>(), j);
}

}  // namespace uls::kernels
