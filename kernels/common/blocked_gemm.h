// SPDX-License-Identifier: Apache-2.0
// The plain matrix product of the CPU: packed and blocked as in Goto and van de Geijn, "Anatomy of
// high-performance matrix multiplication" (2008), for any scalar type, without a library.
//
//   C[m, n] = op(A)[m, k] op(B)[k, n]  (+ C)  (+ bias[n])
//
// A slab of B is packed once; then threads take blocks of rows of A, pack them and run a register-blocked
// micro-kernel. Every element of C is summed by one thread, k ascending: the same bits for any number of
// threads.
//
// Operands are panel sources: they copy a strip of the operand, converted to the compute type, into a packed
// buffer. That is what makes a convolution an implicit product, whose patches are never stored
// (spatial/conv2d).
//   A:  template <int W> void pack(C* to, i0, rows, k0, depth): to[i * kDepthStride + p] where kRowStrips
//   (rows stay
//       contiguous along k), else to[p * W + i]
//   B:  template <int W> void pack(C* to, j0, columns, k0, depth): to[p * W + j]
// Lanes past `rows` and `columns` may hold anything: their products are dropped.
#pragma once

#include <algorithm>
#include <type_traits>

#include "core/base/parallel.h"
#include "core/tensor/primitives.h"
#include "kernels/common/convert.h"

namespace uls::kernels {

#if defined(__AVX512F__)
inline constexpr int kVectorBytes = 64,
                     kTileRows = 14;  // 28 sums, 2 vectors of B, 1 broadcast: 31 of 32 registers
#elif defined(__AVX2__)
inline constexpr int kVectorBytes = 32, kTileRows = 6;
#else
inline constexpr int kVectorBytes = 16, kTileRows = 6;
#endif

/// Block sizes for the compute type C, measured on a processor with 2 MiB of second-level cache a core.
template <typename C>
struct GemmBlocks {
  static constexpr int kLanes = kVectorBytes / int(sizeof(C));
  static constexpr int kTileColumns = 2 * kLanes;
  static constexpr std::int64_t kDepth = 384 * 4 / int(sizeof(C));            // of a packed block
  static constexpr std::int64_t kDepthStride = kDepth + 64 / int(sizeof(C));  // keeps rows off one cache set
  static constexpr std::int64_t kRowStrips = 24;  // strips of kTileRows in a block
  static constexpr std::int64_t kColumns = 2048 * 4 / std::int64_t(sizeof(C));  // of the shared slab
};

/// A row-major matrix as A: element (i, p) at data[i * stride + p], or data[p * stride + i] if kTransposed.
template <typename T, bool kTransposed>
struct MatrixAsA {
  using C = ComputeType<T>;
  static constexpr bool kRowStrips = !kTransposed;
  const T* data;
  std::int64_t stride;

  template <int W>
  void pack(C* __restrict to, std::int64_t i0, std::int64_t rows, std::int64_t k0, std::int64_t depth) const {
    if constexpr (kTransposed) {
      for (std::int64_t p = 0; p < depth; ++p)
        for (std::int64_t i = 0; i < rows; ++i) to[p * W + i] = load(data[(k0 + p) * stride + i0 + i]);
    } else {
      for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t p = 0; p < depth; ++p)
          to[i * GemmBlocks<C>::kDepthStride + p] = load(data[(i0 + i) * stride + k0 + p]);
    }
  }
};

/// A row-major matrix as B: element (p, j) at data[p * stride + j], or data[j * stride + p] if kTransposed.
template <typename T, bool kTransposed>
struct MatrixAsB {
  using C = ComputeType<T>;
  const T* data;
  std::int64_t stride;

  template <int W>
  void pack(C* __restrict to, std::int64_t j0, std::int64_t columns, std::int64_t k0,
            std::int64_t depth) const {
    if constexpr (kTransposed) {
      constexpr std::int64_t kTile = 16;  // deep: the writes stay in the first-level cache
      for (std::int64_t p0 = 0; p0 < depth; p0 += kTile)
        for (std::int64_t j = 0; j < columns; ++j)
          for (std::int64_t p = p0; p < std::min(p0 + kTile, depth); ++p)
            to[p * W + j] = load(data[(j0 + j) * stride + k0 + p]);
    } else {
      for (std::int64_t p = 0; p < depth; ++p) {
        const T* from = data + (k0 + p) * stride + j0;
        if (columns == W)
          for (int j = 0; j < W; ++j) to[p * W + j] = load(from[j]);
        else
          for (std::int64_t j = 0; j < columns; ++j) to[p * W + j] = load(from[j]);
      }
    }
  }
};

// to[kTileRows][kTileColumns] (+)= a b (+ bias) over `depth` steps; element (i, p) of a at a[i * kRow + p *
// kStep].
template <typename C, std::int64_t kRow, std::int64_t kStep>
inline void micro_kernel(std::int64_t depth, const C* __restrict a, const C* __restrict b, C* __restrict to,
                         std::int64_t stride, bool add, const C* __restrict bias) {
  constexpr int kLanes = GemmBlocks<C>::kLanes;
  typedef C Vector __attribute__((vector_size(kVectorBytes)));
  typedef C Unaligned __attribute__((vector_size(kVectorBytes), aligned(sizeof(C)), may_alias));
  Vector sums[kTileRows][2];
#pragma GCC unroll 16
  for (int i = 0; i < kTileRows; ++i) sums[i][0] = sums[i][1] = Vector{};
  for (int i = 0; i < kTileRows; ++i) __builtin_prefetch(to + i * stride, 1);
#pragma GCC unroll 4
  for (std::int64_t p = 0; p < depth; ++p) {
    const Vector b0 = *reinterpret_cast<const Vector*>(b), b1 = *reinterpret_cast<const Vector*>(b + kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kTileRows; ++i) {
      const C x = a[i * kRow];
      sums[i][0] += x * b0;
      sums[i][1] += x * b1;
    }
    a += kStep;
    b += 2 * kLanes;
  }
#pragma GCC unroll 16
  for (int i = 0; i < kTileRows; ++i)
    for (int half = 0; half < 2; ++half) {
      auto* out = reinterpret_cast<Unaligned*>(to + i * stride + half * kLanes);
      Vector sum = sums[i][half];
      if (bias) sum += *reinterpret_cast<const Unaligned*>(bias + half * kLanes);
      if (add) sum += *out;
      *out = sum;
    }
}

/// The product into c, whose rows lie `stride` elements apart. `bias` may be null.
template <typename C, typename A, typename B>
void blocked_gemm(std::int64_t m, std::int64_t n, std::int64_t k, const A& a, const B& b, C* c,
                  std::int64_t stride, bool accumulate, const C* bias) {
  using Blocks = GemmBlocks<C>;
  constexpr int kColumns = Blocks::kTileColumns;
  constexpr std::int64_t kRow = A::kRowStrips ? Blocks::kDepthStride : 1,
                         kStep = A::kRowStrips ? 1 : kTileRows;
  constexpr std::int64_t kStripA = kTileRows * (A::kRowStrips ? Blocks::kDepthStride : Blocks::kDepth);
  constexpr std::int64_t kStripB = Blocks::kDepth * kColumns;
  if (m <= 0 || n <= 0) return;

  // Blocks of rows: whole strips, shared out evenly. With few strips, blocks of columns as well.
  const std::int64_t threads = double(m) * double(n) * double(k) < 1e5 ? 1 : num_threads();
  const std::int64_t strips = (m + kTileRows - 1) / kTileRows;
  const std::int64_t wanted = (strips + Blocks::kRowStrips - 1) / Blocks::kRowStrips;
  const std::int64_t row_blocks = std::min(strips, (wanted + threads - 1) / threads * threads);
  const std::int64_t column_blocks = row_blocks % threads == 0 ? 1 : threads;
  const std::int64_t tasks = row_blocks * column_blocks,
                     strips_a_block = (strips + row_blocks - 1) / row_blocks;
  const std::int64_t slab = std::min(Blocks::kColumns, (n + kColumns - 1) / kColumns * kColumns);
  const std::int64_t depth_blocks = std::max<std::int64_t>(1, (k + Blocks::kDepth - 1) / Blocks::kDepth);
  const Tensor slab_memory = empty({slab / kColumns * kStripB}, kDTypeOf<C>);
  C* packed_b = slab_memory.data<C>();

  for (std::int64_t j0 = 0; j0 < n; j0 += slab)
    for (std::int64_t block = 0; block < depth_blocks; ++block) {
      const std::int64_t k0 = block * k / depth_blocks, depth = (block + 1) * k / depth_blocks - k0;
      const std::int64_t columns = std::min(slab, n - j0), slivers = (columns + kColumns - 1) / kColumns;
      const bool add = accumulate || block > 0;
      const C* last_bias = block + 1 == depth_blocks ? bias : nullptr;
      parallel_for(0, slivers, threads == 1 ? slivers : 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t j = first; j < last; ++j)
          b.template pack<kColumns>(packed_b + j * kStripB, j0 + j * kColumns,
                                    std::min<std::int64_t>(kColumns, columns - j * kColumns), k0, depth);
      });
      parallel_for(0, tasks, threads == 1 ? tasks : 1, [&](std::int64_t first, std::int64_t last) {
        const Tensor block_memory = empty({strips_a_block * kStripA}, kDTypeOf<C>);
        C* packed_a = block_memory.data<C>();
        alignas(64) C tile[kTileRows * kColumns];
        for (std::int64_t task = first, packed = -1; task < last; ++task) {
          const std::int64_t rows_at = task / column_blocks, columns_at = task % column_blocks;
          const std::int64_t s0 = rows_at * strips / row_blocks, s1 = (rows_at + 1) * strips / row_blocks;
          for (std::int64_t s = s0; s < s1 && packed != rows_at; ++s)
            a.template pack<kTileRows>(packed_a + (s - s0) * kStripA, s * kTileRows,
                                       std::min<std::int64_t>(kTileRows, m - s * kTileRows), k0, depth);
          packed = rows_at;
          const std::int64_t last_sliver = (columns_at + 1) * slivers / column_blocks;
          for (std::int64_t j = columns_at * slivers / column_blocks; j < last_sliver; ++j)
            for (std::int64_t s = s0; s < s1; ++s) {
              const C *strip_a = packed_a + (s - s0) * kStripA, *strip_b = packed_b + j * kStripB;
              const std::int64_t row = s * kTileRows, column = j0 + j * kColumns;
              const std::int64_t rows = std::min<std::int64_t>(kTileRows, m - row);
              const std::int64_t width = std::min<std::int64_t>(kColumns, n - column);
              C* out = c + row * stride + column;
              if (rows == kTileRows && width == kColumns) {
                micro_kernel<C, kRow, kStep>(depth, strip_a, strip_b, out, stride, add,
                                             last_bias ? last_bias + column : nullptr);
                continue;
              }
              micro_kernel<C, kRow, kStep>(depth, strip_a, strip_b, tile, kColumns, false, nullptr);
              for (std::int64_t i = 0; i < rows; ++i)
                for (std::int64_t w = 0; w < width; ++w) {
                  C& element = out[i * stride + w];
                  element = tile[i * kColumns + w] + (last_bias ? last_bias[column + w] : C(0)) +
                            (add ? element : C(0));
                }
            }
        }
      });
    }
}

}  // namespace uls::kernels
