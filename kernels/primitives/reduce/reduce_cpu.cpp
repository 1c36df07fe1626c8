// SPDX-License-Identifier: Apache-2.0
// CPU code of reductions over the middle of [outer, reduced, inner].
#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/common/convert.h"
#include "kernels/common/lanes.h"
#include "kernels/common/strided.h"
#include "kernels/primitives/reduce/reduce_kernel.h"

namespace uls::kernels {
namespace {

// Columns that are reduced together, so that their sums stay in the first-level cache.
constexpr std::int64_t kColumns = 512;
// Terms that are added in the type of the elements before the sum goes on in float64: fast, and rounding
// stays that of a few additions.
constexpr std::int64_t kBlock = 16;

struct AddUp {
  static constexpr double kIdentity = 0;
  template <typename A>
  static A combine(A sum, A value) {
    return sum + value;
  }
};

struct Largest {
  static constexpr double kIdentity = -std::numeric_limits<double>::infinity();
  // A NaN of either side stays.
  template <typename A>
  static A combine(A largest, A value) {
    return largest > value || largest != largest ? largest : value;
  }
};

// One row of `count` elements, lane by lane, then the lanes in order.
template <typename Op, typename T, typename A = ComputeType<T>>
double reduce_row(const T* x, std::int64_t count) {
  double lanes[kRowLanes];
  std::fill_n(lanes, kRowLanes, Op::kIdentity);
  for (std::int64_t start = 0; start < count; start += kBlock * kRowLanes) {
    const std::int64_t last = std::min(start + kBlock * kRowLanes, count);
    A block[kRowLanes];
    std::fill_n(block, kRowLanes, A(Op::kIdentity));
    std::int64_t i = start;
    for (; i + kRowLanes <= last; i += kRowLanes)
      for (int l = 0; l < kRowLanes; ++l) block[l] = Op::combine(block[l], load(x[i + l]));
    for (int l = 0; i < last; ++i, ++l) block[l] = Op::combine(block[l], load(x[i]));
    for (int l = 0; l < kRowLanes; ++l) lanes[l] = Op::combine(lanes[l], double(block[l]));
  }
  double result = Op::kIdentity;
  for (const double lane : lanes) result = Op::combine(result, lane);
  return result;
}

// Rows [first, last) of x [reduced, inner] into `partial` [columns], for columns [column, column + columns).
template <typename Op, typename T, typename A = ComputeType<T>>
void reduce_columns(const T* x, std::int64_t inner, std::int64_t first, std::int64_t last,
                    std::int64_t column, std::int64_t columns, double* partial) {
  std::fill_n(partial, columns, Op::kIdentity);
  A block[kColumns];
  for (std::int64_t start = first; start < last; start += kBlock) {
    std::fill_n(block, columns, A(Op::kIdentity));
    for (std::int64_t r = start; r < std::min(start + kBlock, last); ++r) {
      const T* row = x + r * inner + column;
      for (std::int64_t c = 0; c < columns; ++c) block[c] = Op::combine(block[c], load(row[c]));
    }
    for (std::int64_t c = 0; c < columns; ++c) partial[c] = Op::combine(partial[c], double(block[c]));
  }
}

template <typename Op>
void reduce(const Tensor& x, Tensor& y) {
  const std::int64_t outer = x.size(0), reduced = x.size(1), inner = x.size(2);
  if (y.numel() == 0) return;
  dispatch_floating("reduce", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* from = x.data<T>();
    T* to = y.data<T>();
    const auto result = [](double value) { return convert<T>(static_cast<ComputeType<T>>(value)); };
    if (inner == 1 && outer == 1) {
      to[0] = result(parallel_reduce(
          0, reduced, kGrain, Op::kIdentity,
          [&](std::int64_t first, std::int64_t last) { return reduce_row<Op>(from + first, last - first); },
          [](double a, double b) { return Op::combine(a, b); }));
    } else if (inner == 1) {
      parallel_for(0, outer, std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, reduced)),
                   [&](std::int64_t first, std::int64_t last) {
                     for (std::int64_t o = first; o < last; ++o)
                       to[o] = result(reduce_row<Op>(from + o * reduced, reduced));
                   });
    } else if (outer == 1) {
      // Few columns and many rows: threads take rows, and their sums are combined in order.
      const std::vector<double> sums = parallel_reduce(
          0, reduced, std::max<std::int64_t>(1, kGrain / inner), std::vector<double>(),
          [&](std::int64_t first, std::int64_t last) {
            std::vector<double> partial(static_cast<std::size_t>(inner));
            for (std::int64_t c = 0; c < inner; c += kColumns)
              reduce_columns<Op>(from, inner, first, last, c, std::min(kColumns, inner - c),
                                 partial.data() + c);
            return partial;
          },
          [](std::vector<double> a, std::vector<double> b) {
            if (a.empty()) return b;
            for (std::size_t c = 0; c < a.size(); ++c) a[c] = Op::combine(a[c], b[c]);
            return a;
          });
      for (std::int64_t c = 0; c < inner; ++c)
        to[c] = result(sums.empty() ? Op::kIdentity : sums[std::size_t(c)]);
    } else {
      const std::int64_t blocks = (inner + kColumns - 1) / kColumns;
      parallel_for(0, outer * blocks, 1, [&](std::int64_t first, std::int64_t last) {
        double partial[kColumns];
        for (std::int64_t i = first; i < last; ++i) {
          const std::int64_t o = i / blocks, c = i % blocks * kColumns,
                             columns = std::min(kColumns, inner - c);
          reduce_columns<Op>(from + o * reduced * inner, inner, 0, reduced, c, columns, partial);
          for (std::int64_t k = 0; k < columns; ++k) to[o * inner + c + k] = result(partial[k]);
        }
      });
    }
  });
}

void reduce_max_grad(const Tensor& x, const Tensor& y, const Tensor& dy, Tensor& dx) {
  const std::int64_t outer = x.size(0), reduced = x.size(1), inner = x.size(2);
  if (x.numel() == 0) return;
  dispatch_floating("amax", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const T *px = x.data<T>(), *py = y.data<T>(), *pg = dy.data<T>();
    T* to = dx.data<T>();
    if (inner == 1) {
      parallel_for(0, outer, std::max<std::int64_t>(1, kGrain / reduced),
                   [&](std::int64_t first, std::int64_t last) {
                     for (std::int64_t o = first; o < last; ++o) {
                       const T* row = px + o * reduced;
                       const A largest = load(py[o]);
                       const A equal = lane_sum_of<A>(
                           reduced, [=](std::int64_t r) { return load(row[r]) == largest ? A(1) : A(0); });
                       const A share = load(pg[o]) / equal;
                       for (std::int64_t r = 0; r < reduced; ++r)
                         to[o * reduced + r] = convert<T>(load(row[r]) == largest ? share : A(0));
                     }
                   });
      return;
    }
    const std::int64_t width = std::min(kColumns, inner), blocks = (inner + width - 1) / width;
    parallel_for(
        0, outer * blocks, std::max<std::int64_t>(1, kGrain / (reduced * width)),
        [&](std::int64_t first, std::int64_t last) {
          A shares[kColumns];  // first the number of elements that are the largest, then what each gets
          for (std::int64_t i = first; i < last; ++i) {
            const std::int64_t o = i / blocks, column = i % blocks * width;
            const std::int64_t columns = std::min(width, inner - column), base = o * reduced * inner + column;
            const T *largest = py + o * inner + column, *g = pg + o * inner + column;
            std::fill_n(shares, columns, A(0));
            for (std::int64_t r = 0; r < reduced; ++r)
              for (std::int64_t c = 0; c < columns; ++c)
                shares[c] += load(px[base + r * inner + c]) == load(largest[c]) ? A(1) : A(0);
            for (std::int64_t c = 0; c < columns; ++c) shares[c] = load(g[c]) / shares[c];
            for (std::int64_t r = 0; r < reduced; ++r)
              for (std::int64_t c = 0; c < columns; ++c)
                to[base + r * inner + c] =
                    convert<T>(load(px[base + r * inner + c]) == load(largest[c]) ? shares[c] : A(0));
          }
        });
  });
}

}  // namespace

void bind_reduce_cpu() {
  slots::reduce_sum.bind(DeviceType::cpu, reduce<AddUp>);
  slots::reduce_max.bind(DeviceType::cpu, reduce<Largest>);
  slots::reduce_max_grad.bind(DeviceType::cpu, reduce_max_grad);
}

}  // namespace uls::kernels
