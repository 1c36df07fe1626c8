// SPDX-License-Identifier: Apache-2.0
// What the attention rooms share on the CPU: small matrix products of packed operands that lie in the cache,
// by blocked_gemm's micro-kernel.
#pragma once

#include <algorithm>

#include "core/tensor/primitives.h"
#include "kernels/common/blocked_gemm.h"

namespace uls::kernels {

template <typename C>
struct Tiles {
  static constexpr std::int64_t kRows = kTileRows, kColumns = GemmBlocks<C>::kTileColumns;
  static constexpr std::int64_t kQueries = kRows * (kRows > 6 ? 4 : 8);
  // Whole tiles in both roles, rows and columns.
  static constexpr std::int64_t kKeys = kRows * kColumns / 2 * (kRows > 6 ? 1 : 4);
  static constexpr std::int64_t kStride = kKeys + 64 / sizeof(C);  // keeps rows off one cache set
  static_assert(kKeys % kRows == 0 && kKeys % kColumns == 0);
};

constexpr std::int64_t round_up(std::int64_t count, std::int64_t unit) {
  return (count + unit - 1) / unit * unit;
}

template <typename C>
struct Buffer {
  explicit Buffer(std::int64_t count) : memory(empty({count}, kDTypeOf<C>)), data(memory.data<C>()) {}
  Tensor memory;
  C* data;
};

// to[m, n] (+)= a b over `depth`, for whole tiles: what lies past m and n is room. Strips of a and slivers of
// b lie `strip` and `sliver` apart.
template <typename C, std::int64_t kRow, std::int64_t kStep>
void tile_product(std::int64_t m, std::int64_t n, std::int64_t depth, const C* a, std::int64_t strip,
                  const C* b, std::int64_t sliver, C* to, std::int64_t stride, bool add) {
  using T = Tiles<C>;
  for (std::int64_t j = 0; j < n; j += T::kColumns)
    for (std::int64_t i = 0; i < m; i += T::kRows)
      micro_kernel<C, kRow, kStep>(depth, a + i / T::kRows * strip, b + j / T::kColumns * sliver,
                                   to + i * stride + j, stride, add, nullptr);
}

// Rows of a matrix, `stride` apart, for a product over the columns: tiles of kWidth rows.
template <int kWidth, typename T, typename C>
void pack_rows(const T* from, std::int64_t stride, std::int64_t rows, std::int64_t columns, C* to) {
  for (std::int64_t i = 0; i < rows; i += kWidth)
    MatrixAsB<T, true>{from, stride}.template pack<kWidth>(
        to + i * columns, i, std::min<std::int64_t>(kWidth, rows - i), 0, columns);
}

// Its columns, for a product over the rows: slivers of kTileColumns columns, `sliver` apart.
template <typename T, typename C>
void pack_columns(const T* from, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                  std::int64_t sliver, C* to) {
  constexpr int kWidth = GemmBlocks<C>::kTileColumns;
  for (std::int64_t j = 0; j < columns; j += kWidth)
    MatrixAsB<T, false>{from, stride}.template pack<kWidth>(
        to + j / kWidth * sliver, j, std::min<std::int64_t>(kWidth, columns - j), 0, rows);
}

}  // namespace uls::kernels
