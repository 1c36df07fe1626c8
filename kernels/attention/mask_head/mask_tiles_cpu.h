// SPDX-License-Identifier: Apache-2.0
// Products of the queries of a sample with a tile of its pixels, and their gradients, while the tile lies in
// the cache: for mask_head, and for mask_loss, which never stores a map.
//
// Few queries meet many pixels, so time goes into reading a pixel's channels from memory (and writing their
// gradient) once. Nothing is packed: both operands run along the channels, and the sums over a vector's lanes
// are taken for kPixels pixels together.
#pragma once

#include <utility>

#include "kernels/attention/tiles_cpu.h"

namespace uls::kernels {

/// Sizes of query [layers, B, Q, C] and pixel [B, P, C]. Row m = layer Q + q is one map of a sample. Pixels
/// are cut into tiles, and these into pieces, the units of work: the same ones for any number of threads.
struct MaskSizes {
  static constexpr std::int64_t kTile = 128;

  std::int64_t layers, samples, queries, points, channels, rows, tiles, pieces;

  MaskSizes(const Tensor& query, const Tensor& pixel)
      : layers(query.size(0)),
        samples(query.size(1)),
        queries(query.size(2)),
        points(pixel.size(1)),
        channels(query.size(3)),
        rows(layers * queries),
        tiles((points + kTile - 1) / kTile),
        // What a piece sums for each query takes no more memory than the pixels of the piece.
        pieces(std::clamp<std::int64_t>(tiles / std::max<std::int64_t>(4, rows / kTile), 1, 32)) {}

  /// Where row m of a sample starts in [layers, B, Q, ...], in units of what follows.
  std::int64_t place(std::int64_t sample, std::int64_t m) const {
    return (m / queries * samples + sample) * queries + m % queries;
  }
};

/// One thread's tile. T is the type of query and pixel.
template <typename T>
class MaskTile {
 public:
  using C = ComputeType<T>;
  static constexpr std::int64_t kPoints = MaskSizes::kTile;
  // Of the products: 24 sums, 4 pixels and a query with 32 registers; 12, 2 and 1 with 16.
  // Of the gradients: as many sums, and the queries that belong to them.
  static constexpr int kQueries = 6, kPixels = kTileRows > 6 ? 4 : 2, kVectors = kTileRows > 6 ? 2 : 1;
  static constexpr int kLanes = GemmBlocks<C>::kLanes;

  static std::int64_t wide_rows(const MaskSizes& s) { return round_up(s.rows, kQueries); }
  static std::int64_t wide_channels(const MaskSizes& s) { return round_up(s.channels, kVectors * kLanes); }

  MaskTile(const MaskSizes& sizes, const T* query)
      : s_(sizes),
        query_(query),
        rows_(wide_rows(sizes)),
        wide_(wide_channels(sizes)),
        as_they_lie_(std::is_same_v<T, C> && wide_ == sizes.channels),
        queries_(rows_ * wide_),
        values_(rows_ * kPoints),
        copy_(as_they_lie_ ? 0 : kPoints * wide_),
        slopes_(kPoints * wide_) {
    std::fill_n(queries_.data, rows_ * wide_, C(0));
    if (!as_they_lie_) std::fill_n(copy_.data, kPoints * wide_, C(0));
  }

  void move_to_sample(std::int64_t sample) {
    for (std::int64_t m = 0; m < s_.rows; ++m)
      convert_row(query_ + s_.place(sample, m) * s_.channels, s_.channels, queries_.data + m * wide_);
  }
  /// `count` pixels, at most kPoints.
  void move_to_pixels(const T* pixels, std::int64_t count) {
    count_ = count;
    if constexpr (std::is_same_v<T, C>) pixels_ = pixels;
    if (as_they_lie_) return;
    for (std::int64_t i = 0; i < count; ++i)
      convert_row(pixels + i * s_.channels, s_.channels, copy_.data + i * wide_);
    pixels_ = copy_.data;
  }

  std::int64_t count() const { return count_; }
  /// Of row m at the pixels: what multiply() makes, or what add_gradients() takes.
  C* values(std::int64_t m) const { return values_.data + m * kPoints; }

  /// values(m)[i] = <query m, pixel i>.
  void multiply() const {
    for (std::int64_t m = 0; m < rows_; m += kQueries)
      for (std::int64_t i = 0; i < count_; i += kPixels) multiply(m, i);
  }

  /// dquery[m] += sum over i of values(m)[i] pixel[i]; rows and channels are wide. dpixel[i] = sum over m of
  /// values(m)[i] query[m], unless it is null.
  void add_gradients(C* dquery, T* dpixel) const {
    std::fill(values(s_.rows), values(rows_), C(0));
    C* to = slopes_.data;
    if constexpr (std::is_same_v<T, C>)
      if (as_they_lie_ && dpixel) to = dpixel;
    for (std::int64_t m = 0; m < rows_; m += kQueries)
      for (std::int64_t c = 0; c < wide_; c += kVectors * kLanes) add_gradients(m, c, dquery, to);
    if (rows_ == 0) std::fill_n(to, count_ * wide_, C(0));
    if (dpixel && static_cast<const void*>(to) != dpixel)
      for (std::int64_t i = 0; i < count_; ++i)
        for (std::int64_t c = 0; c < s_.channels; ++c)
          dpixel[i * s_.channels + c] = convert<T>(to[i * wide_ + c]);
  }

 private:
  typedef C Vector __attribute__((vector_size(kVectorBytes)));
  typedef C Unaligned __attribute__((vector_size(kVectorBytes), aligned(sizeof(C)), may_alias));

  static Vector vector_at(const C* from) { return *reinterpret_cast<const Unaligned*>(from); }
  static void store(Vector x, C* to) { *reinterpret_cast<Unaligned*>(to) = x; }
  static void convert_row(const T* from, std::int64_t count, C* to) {
    for (std::int64_t c = 0; c < count; ++c) to[c] = load(from[c]);
  }

  // a and b are groups of 2 kWidth lanes: the halves of each group added, first those of a, then those of b.
  template <int kWidth, std::size_t... kLane>
  static Vector add_halves(Vector a, Vector b, std::index_sequence<kLane...>) {
    return __builtin_shufflevector(a, b, int(kLane / kWidth * 2 * kWidth + kLane % kWidth)...) +
           __builtin_shufflevector(a, b, int(kLane / kWidth * 2 * kWidth + kWidth + kLane % kWidth)...);
  }
  // Lane i of x[0] becomes the sum of the lanes of x[i]. kWidth: half of what is left of a vector.
  template <int kCount, int kWidth>
  static void add_lanes_of(Vector* x) {
    if constexpr (kWidth > 0) {
      constexpr int kPairs = (kCount + 1) / 2;
#pragma GCC unroll 4
      for (int i = 0; i < kPairs; ++i)
        x[i] =
            add_halves<kWidth>(x[2 * i], x[kCount > 1 ? 2 * i + 1 : 0], std::make_index_sequence<kLanes>());
      add_lanes_of<kPairs, kWidth / 2>(x);
    }
  }

  void multiply(std::int64_t m, std::int64_t first) const {
    const C* pixel[kPixels];
    Vector sums[kQueries][kPixels] = {};
    for (int i = 0; i < kPixels; ++i) pixel[i] = pixels_ + std::min(first + i, count_ - 1) * wide_;
    const C* query = queries_.data + m * wide_;
    for (std::int64_t c = 0; c < wide_; c += kLanes) {
      Vector x[kPixels];
#pragma GCC unroll 4
      for (int i = 0; i < kPixels; ++i) {
        x[i] = vector_at(pixel[i] + c);
        __builtin_prefetch(pixel[i] + 2 * kPixels * wide_ + c);
      }
#pragma GCC unroll 6
      for (int q = 0; q < kQueries; ++q) {
        const Vector w = vector_at(query + q * wide_ + c);
#pragma GCC unroll 4
        for (int i = 0; i < kPixels; ++i) sums[q][i] += x[i] * w;
      }
    }
#pragma GCC unroll 6
    for (int q = 0; q < kQueries; ++q) {
      add_lanes_of<kPixels, kLanes / 2>(sums[q]);
#pragma GCC unroll 4
      for (int i = 0; i < kPixels; ++i) values(m + q)[first + i] = sums[q][0][i];
    }
  }

  void add_gradients(std::int64_t m, std::int64_t c, C* dquery, C* dpixel) const {
    Vector query[kQueries][kVectors], sums[kQueries][kVectors];
#pragma GCC unroll 6
    for (int q = 0; q < kQueries; ++q)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        query[q][v] = vector_at(queries_.data + (m + q) * wide_ + c + v * kLanes);
        sums[q][v] = vector_at(dquery + (m + q) * wide_ + c + v * kLanes);
      }
    for (std::int64_t i = 0; i < count_; ++i) {
      C* to = dpixel + i * wide_ + c;
      Vector x[kVectors], slope[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        __builtin_prefetch(to + 8 * wide_ + v * kLanes, 1);  // it is long on its way from memory
        x[v] = vector_at(pixels_ + i * wide_ + c + v * kLanes);
        slope[v] = m > 0 ? vector_at(to + v * kLanes) : Vector{};
      }
#pragma GCC unroll 6
      for (int q = 0; q < kQueries; ++q) {
        const C value = values(m + q)[i];
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v) {
          sums[q][v] += value * x[v];
          slope[v] += value * query[q][v];
        }
      }
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) store(slope[v], to + v * kLanes);
    }
#pragma GCC unroll 6
    for (int q = 0; q < kQueries; ++q)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) store(sums[q][v], dquery + (m + q) * wide_ + c + v * kLanes);
  }

  const MaskSizes& s_;
  const T* query_;
  std::int64_t rows_, wide_, count_ = 0;
  bool as_they_lie_;  // pixels are whole vectors of the compute type
  Buffer<C> queries_, values_, copy_, slopes_;
  const C* pixels_ = nullptr;
};

/// Calls fn(tile, sample, piece, first) for all tiles of all pieces, from several threads: the tiles of a
/// piece in order. `piece` counts over all samples; `first` is the tile's first pixel.
template <typename T, typename Fn>
void for_each_mask_tile(const MaskSizes& s, const Tensor& query, const Tensor& pixel, Fn fn) {
  const std::int64_t work = s.points / s.pieces * s.channels * MaskTile<T>::wide_rows(s);
  const std::int64_t grain = std::max<std::int64_t>(1, 100000 / std::max<std::int64_t>(1, work));
  const T* pixels = pixel.data<T>();
  parallel_for(0, s.samples * s.pieces, grain, [&](std::int64_t begin, std::int64_t end) {
    MaskTile<T> tile(s, query.data<T>());
    for (std::int64_t piece = begin; piece < end; ++piece) {
      const std::int64_t sample = piece / s.pieces, part = piece % s.pieces;
      tile.move_to_sample(sample);
      for (std::int64_t t = s.tiles * part / s.pieces; t < s.tiles * (part + 1) / s.pieces; ++t) {
        const std::int64_t first = t * MaskSizes::kTile;
        tile.move_to_pixels(pixels + (sample * s.points + first) * s.channels,
                            std::min(MaskSizes::kTile, s.points - first));
        fn(tile, sample, piece, first);
      }
    }
  });
}

/// Gradients of query and pixel, where they are defined; `find(tile, sample, first)` sets the tile's values
/// to the gradients of its products. Sums over pixels are taken piece by piece, in order.
template <typename T, typename Find>
void mask_gradients(const Tensor& query, const Tensor& pixel, Tensor& dquery, Tensor& dpixel, Find find) {
  using Tile = MaskTile<T>;
  using C = ComputeType<T>;
  const MaskSizes s(query, pixel);
  const std::int64_t wide = Tile::wide_channels(s), size = Tile::wide_rows(s) * wide;
  const Tensor sums = zeros({s.samples * s.pieces, size}, kDTypeOf<C>);
  C* sum = sums.data<C>();
  T *dq = dquery ? dquery.data<T>() : nullptr, *dx = dpixel ? dpixel.data<T>() : nullptr;
  for_each_mask_tile<T>(
      s, query, pixel, [=](Tile& tile, std::int64_t sample, std::int64_t piece, std::int64_t first) {
        find(tile, sample, first);
        tile.add_gradients(sum + piece * size, dx ? dx + (sample * s.points + first) * s.channels : nullptr);
      });
  if (!dq) return;
  const std::int64_t grain = std::max<std::int64_t>(1, 16384 / std::max<std::int64_t>(1, s.pieces * wide));
  parallel_for(0, s.samples * s.rows, grain, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t sample = row / s.rows, m = row % s.rows;
      C* total = sum + sample * s.pieces * size + m * wide;
      for (std::int64_t piece = 1; piece < s.pieces; ++piece)
        for (std::int64_t c = 0; c < s.channels; ++c) total[c] += total[piece * size + c];
      T* to = dq + s.place(sample, m) * s.channels;
      for (std::int64_t c = 0; c < s.channels; ++c) to[c] = convert<T>(total[c]);
    }
  });
}

}  // namespace uls::kernels
