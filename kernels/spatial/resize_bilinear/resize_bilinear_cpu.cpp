// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "kernels/common/convert.h"
#include "kernels/common/strided.h"
#include "kernels/spatial/resize_bilinear/resize_bilinear_kernel.h"
#include "kernels/spatial/resize_bilinear/resize_bilinear_math.h"

namespace uls::kernels {
namespace {

template <typename A>
using Taps = std::vector<Tap<A>>;

template <typename A>
Taps<A> taps_of(std::int64_t in, std::int64_t out, bool align_corners) {
  Taps<A> taps;
  for (std::int64_t o = 0; o < out; ++o) taps.push_back(tap_of<A>(o, in, out, align_corners));
  return taps;
}

struct Range {
  std::int64_t begin, end;
};

// For each of `in` pixels the pixels of the result that take from it: neighbours, as coordinates ascend.
template <typename A>
std::vector<Range> takers_of(const Taps<A>& taps, std::int64_t in) {
  const auto out = static_cast<std::int64_t>(taps.size());
  std::vector<Range> takers(std::size_t(in), Range{out, 0});
  for (std::int64_t o = 0; o < out; ++o)
    for (const std::int64_t i : {taps[std::size_t(o)].first, taps[std::size_t(o)].second})
      takers[std::size_t(i)] = {std::min(takers[std::size_t(i)].begin, o), o + 1};
  return takers;
}

std::int64_t rows_a_piece(const Tensor& image) {
  return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, image.size(2) * image.size(3)));
}

// One pixel of y from the corners of its cell in x: a, b above and c, d below.
template <bool kAdd, typename T, typename A>
void blend(const T* __restrict a, const T* __restrict b, const T* __restrict c, const T* __restrict d,
           const T* __restrict other, A down, A right, std::int64_t channels, T* __restrict y) {
  const A up = A(1) - down, left = A(1) - right;
  for (std::int64_t i = 0; i < channels; ++i) {
    const A value =
        up * (left * load(a[i]) + right * load(b[i])) + down * (left * load(c[i]) + right * load(d[i]));
    y[i] = convert<T>(kAdd ? value + load(other[i]) : value);
  }
}

void resize_bilinear(const Tensor& x, const Tensor& other, bool align_corners, Tensor& y) {
  const std::int64_t in_height = x.size(1), in_width = x.size(2), channels = x.size(3);
  const std::int64_t height = y.size(1), width = y.size(2);
  dispatch_floating("resize_bilinear", x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const auto rows = taps_of<A>(in_height, height, align_corners),
               columns = taps_of<A>(in_width, width, align_corners);
    const auto blend_pixel = other ? blend<true, T, A> : blend<false, T, A>;
    const T *from = x.data<T>(), *plus = other ? other.data<T>() : nullptr;
    T* to = y.data<T>();
    parallel_for(0, y.size(0) * height, rows_a_piece(y), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t r = first; r < last; ++r) {
        const Tap<A> row = rows[std::size_t(r % height)];
        const T* image = from + r / height * in_height * in_width * channels;
        const T *upper = image + row.first * in_width * channels,
                *lower = image + row.second * in_width * channels;
        for (std::int64_t w = 0; w < width; ++w) {
          const Tap<A> column = columns[std::size_t(w)];
          const std::int64_t left = column.first * channels, right = column.second * channels,
                             at = (r * width + w) * channels;
          blend_pixel(upper + left, upper + right, lower + left, lower + right, plus ? plus + at : nullptr,
                      row.weight, column.weight, channels, to + at);
        }
      }
    });
  });
}

void resize_bilinear_grad(const Tensor& dy, bool align_corners, Tensor& dx) {
  const std::int64_t in_height = dx.size(1), in_width = dx.size(2), channels = dx.size(3);
  const std::int64_t height = dy.size(1), width = dy.size(2);
  dispatch_floating("resize_bilinear", dy.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const auto rows = taps_of<A>(in_height, height, align_corners),
               columns = taps_of<A>(in_width, width, align_corners);
    const auto row_takers = takers_of(rows, in_height), column_takers = takers_of(columns, in_width);
    const T* from = dy.data<T>();
    T* to = dx.data<T>();
    parallel_for(0, dx.size(0) * in_height, rows_a_piece(dx), [&](std::int64_t first, std::int64_t last) {
      std::vector<A> sums(static_cast<std::size_t>(channels));
      for (std::int64_t r = first; r < last; ++r) {
        const std::int64_t i = r % in_height;
        const T* image = from + r / in_height * height * width * channels;
        for (std::int64_t j = 0; j < in_width; ++j) {
          std::fill(sums.begin(), sums.end(), A(0));
          const Range down = row_takers[std::size_t(i)], across = column_takers[std::size_t(j)];
          for (std::int64_t h = down.begin; h < down.end; ++h)
            for (std::int64_t w = across.begin; w < across.end; ++w) {
              const A weight = rows[std::size_t(h)].share(i) * columns[std::size_t(w)].share(j);
              const T* __restrict pixel = image + (h * width + w) * channels;
              A* __restrict sum = sums.data();
              for (std::int64_t c = 0; c < channels; ++c) sum[c] += weight * load(pixel[c]);
            }
          T* out = to + (r * in_width + j) * channels;
          for (std::int64_t c = 0; c < channels; ++c) out[c] = convert<T>(sums[std::size_t(c)]);
        }
      }
    });
  });
}

}  // namespace

void bind_resize_bilinear_cpu() {
  slots::resize_bilinear.bind(DeviceType::cpu, resize_bilinear);
  slots::resize_bilinear_grad.bind(DeviceType::cpu, resize_bilinear_grad);
}

}  // namespace uls::kernels
