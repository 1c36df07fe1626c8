// SPDX-License-Identifier: Apache-2.0
// 3 x 3 convolutions of stride 1 by Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin, Gray 2016):
//   Y = A^T [sum over channels of (G g G^T) o (B^T d B)] A
// for tiles of 2 x 2 results, which see 4 x 4 pixels d: 16 products take the place of 36. Each of the 16
// points is a matrix product over tiles and channels. The gradients are the same bilinear form the other way
// round:
//   dg = G^T [sum over tiles of (B^T d B) o (A dY A^T)] G,
// and dx is the convolution of dy with the weights turned by half a circle.
#include <algorithm>

#include "core/tensor/primitives.h"
#include "kernels/common/strided.h"
#include "kernels/linear/gemm/gemm_kernel.h"
#include "kernels/spatial/conv2d/conv2d_kernel.h"

namespace uls::kernels {
namespace {

using slots::Conv2dSizes;

constexpr std::int64_t kPoints = 16;
constexpr std::int64_t kTiles = 192;      // of a block, whose transforms stay in the cache
constexpr std::int64_t kGradTiles = 768;  // where the tiles are the summed dimension

// Tiles of 2 x 2 pixels that cover the images, row by row.
struct Tiling {
  std::int64_t height, width, rows, columns, count;

  explicit Tiling(const Conv2dSizes& s)
      : height(s.in_height),
        width(s.in_width),
        rows((height + 1) / 2),
        columns((width + 1) / 2),
        count(s.batch * rows * columns) {}

  /// The pixels of a tile and `border` around it, `side` x `side` of them: null outside of the image.
  template <int side, typename T>
  void find(T* image, std::int64_t channels, std::int64_t tile, std::int64_t border,
            T* (&pixel)[side * side]) const {
    const std::int64_t b = tile / (rows * columns), top = tile / columns % rows * 2 - border,
                       left = tile % columns * 2 - border;
    for (std::int64_t i = 0; i < side; ++i)
      for (std::int64_t j = 0; j < side; ++j) {
        const std::int64_t y = top + i, x = left + j;
        const bool inside = y >= 0 && y < height && x >= 0 && x < width;
        pixel[i * side + j] = inside ? image + ((b * height + y) * width + x) * channels : nullptr;
      }
  }
};

// B^T d B of a tile, to[point][channel], points `stride` apart. `zeros` stands for pixels outside.
template <typename T>
void transform_input(const T* const (&pixel)[16], const T* zeros, std::int64_t channels, T* to,
                     std::int64_t stride) {
  const T* d[16];
  for (int i = 0; i < 16; ++i) d[i] = pixel[i] ? pixel[i] : zeros;
#pragma GCC ivdep
  for (std::int64_t c = 0; c < channels; ++c) {
    T t[16];
    for (int j = 0; j < 4; ++j) {
      const T d0 = d[j][c], d1 = d[4 + j][c], d2 = d[8 + j][c], d3 = d[12 + j][c];
      t[j] = d0 - d2, t[4 + j] = d1 + d2, t[8 + j] = d2 - d1, t[12 + j] = d1 - d3;
    }
    for (int i = 0; i < 16; i += 4) {
      to[(i + 0) * stride + c] = t[i] - t[i + 2];
      to[(i + 1) * stride + c] = t[i + 1] + t[i + 2];
      to[(i + 2) * stride + c] = t[i + 2] - t[i + 1];
      to[(i + 3) * stride + c] = t[i + 1] - t[i + 3];
    }
  }
}

// A^T m A of a tile plus bias, into the pixels that exist.
template <typename T>
void transform_output(const T* m, std::int64_t stride, std::int64_t channels, const T* bias,
                      T* const (&pixel)[4], T* spare) {
  T* y[4];
  for (int i = 0; i < 4; ++i) y[i] = pixel[i] ? pixel[i] : spare;
#pragma GCC ivdep
  for (std::int64_t c = 0; c < channels; ++c) {
    T s[8];
    for (int j = 0; j < 4; ++j) {
      const T m0 = m[j * stride + c], m1 = m[(4 + j) * stride + c], m2 = m[(8 + j) * stride + c],
              m3 = m[(12 + j) * stride + c];
      s[j] = m0 + m1 + m2;
      s[4 + j] = m1 - m2 - m3;
    }
    const T b = bias ? bias[c] : T(0);
    y[0][c] = s[0] + s[1] + s[2] + b;
    y[1][c] = s[1] - s[2] - s[3] + b;
    y[2][c] = s[4] + s[5] + s[6] + b;
    y[3][c] = s[5] - s[6] - s[7] + b;
  }
}

// A dY A^T of a tile.
template <typename T>
void transform_gradient(const T* const (&pixel)[4], const T* zeros, std::int64_t channels, T* to,
                        std::int64_t stride) {
  const T* d[4];
  for (int i = 0; i < 4; ++i) d[i] = pixel[i] ? pixel[i] : zeros;
#pragma GCC ivdep
  for (std::int64_t c = 0; c < channels; ++c) {
    T t[8];
    for (int j = 0; j < 2; ++j) {
      const T d0 = d[j][c], d1 = d[2 + j][c];
      t[j] = d0, t[2 + j] = d0 + d1, t[4 + j] = d0 - d1, t[6 + j] = -d1;
    }
    for (int i = 0; i < 4; ++i) {
      const T t0 = t[2 * i], t1 = t[2 * i + 1];
      to[(4 * i) * stride + c] = t0;
      to[(4 * i + 1) * stride + c] = t0 + t1;
      to[(4 * i + 2) * stride + c] = t0 - t1;
      to[(4 * i + 3) * stride + c] = -t1;
    }
  }
}

// G g G^T: [O, 3, 3, I] to [16, O, I], or of the kernels turned by half a circle.
template <typename T>
Tensor transform_weight(const Tensor& weight, const Conv2dSizes& s, bool turned) {
  const std::int64_t in = s.in_channels, out = s.out_channels;
  const Tensor result = empty({kPoints, out, in}, weight.dtype());
  const T* from = weight.data<T>();
  T* to = result.data<T>();
  parallel_for(
      0, out, std::max<std::int64_t>(1, kGrain / (kPoints * in)), [=](std::int64_t first, std::int64_t last) {
        for (std::int64_t o = first; o < last; ++o) {
          const T* g[9];
          for (int k = 0; k < 9; ++k) g[k] = from + (o * 9 + (turned ? 8 - k : k)) * in;
#pragma GCC ivdep
          for (std::int64_t i = 0; i < in; ++i) {
            T t[12];
            for (int k = 0; k < 3; ++k) {
              const T g0 = g[k][i], g1 = g[3 + k][i], g2 = g[6 + k][i], outer = T(0.5) * (g0 + g2),
                      middle = T(0.5) * g1;
              t[k] = g0, t[3 + k] = outer + middle, t[6 + k] = outer - middle, t[9 + k] = g2;
            }
            for (int r = 0; r < 4; ++r) {
              const T t0 = t[3 * r], t1 = t[3 * r + 1], t2 = t[3 * r + 2], outer = T(0.5) * (t0 + t2),
                      middle = T(0.5) * t1;
              T* u = to + (4 * r * out + o) * in + i;
              u[0] = t0, u[out * in] = outer + middle, u[2 * out * in] = outer - middle, u[3 * out * in] = t2;
            }
          }
        }
      });
  return result;
}

// y = the convolution of x, whose channels are `from`, to `to` channels, by U, as weights [16, O, I]:
// transposed towards O, straight towards I.
template <typename T>
void convolve(const Tensor& x, const Tensor& u, const Tensor& bias, const Conv2dSizes& s, std::int64_t from,
              std::int64_t to, bool transpose, Tensor& y) {
  const Tiling tiling(s);
  const T *px = x.data<T>(), *pbias = bias ? bias.data<T>() : nullptr;
  T* py = y.data<T>();
  parallel_for(0, (tiling.count + kTiles - 1) / kTiles, 1, [&](std::int64_t first, std::int64_t last) {
    const Tensor v = empty({kPoints * kTiles, from}, x.dtype()), m = empty({kPoints * kTiles, to}, x.dtype()),
                 spare = zeros({std::max(from, to)}, x.dtype());
    for (std::int64_t block = first; block < last; ++block) {
      const std::int64_t begin = block * kTiles, count = std::min(kTiles, tiling.count - begin);
      for (std::int64_t i = 0; i < count; ++i) {
        const T* pixel[16];
        tiling.find<4>(px, from, begin + i, 1, pixel);
        transform_input(pixel, spare.data<T>(), from, v.data<T>() + i * from, kTiles * from);
      }
      for (std::int64_t p = 0; p < kPoints; ++p) {
        Tensor products = m.sliced(0, p * kTiles, p * kTiles + count);
        slots::gemm(kCpu, v.sliced(0, p * kTiles, p * kTiles + count),
                    u.sliced(0, p, p + 1).reshaped({s.out_channels, s.in_channels}), {},
                    {.transpose_b = transpose}, products);
      }
      const Tensor outside = empty({to}, x.dtype());
      for (std::int64_t i = 0; i < count; ++i) {
        T* pixel[4];
        tiling.find<2>(py, to, begin + i, 0, pixel);
        transform_output(m.data<T>() + i * to, kTiles * to, to, pbias, pixel, outside.data<T>());
      }
    }
  });
}

template <typename Run>
void with_type(DType type, Run run) {
  if (type == DType::float32) return run(TypeTag<float>{});
  ULS_ASSERT(type == DType::float64, "Winograd's convolution of {}", to_string(type));
  run(TypeTag<double>{});
}

void conv2d_winograd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv2dSizes& s,
                     Tensor& y) {
  with_type(x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    convolve<T>(x, transform_weight<T>(weight, s, false), bias, s, s.in_channels, s.out_channels, true, y);
  });
}

void conv2d_grad_input_winograd(const Tensor& dy, const Tensor& weight, const Conv2dSizes& s, Tensor& dx) {
  with_type(dy.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    convolve<T>(dy, transform_weight<T>(weight, s, true), {}, s, s.out_channels, s.in_channels, false, dx);
  });
}

// G^T dU G: [16, O, I] to [O, 3, 3, I].
template <typename T>
void transform_weight_gradient(const Tensor& du, const Conv2dSizes& s, Tensor& dweight) {
  const std::int64_t in = s.in_channels, out = s.out_channels;
  const T* from = du.data<T>();
  T* to = dweight.data<T>();
  parallel_for(0, out, std::max<std::int64_t>(1, kGrain / (kPoints * in)),
               [=](std::int64_t first, std::int64_t last) {
                 for (std::int64_t o = first; o < last; ++o) {
                   const T* u = from + o * in;
                   T* dw = to + o * 9 * in;
#pragma GCC ivdep
                   for (std::int64_t i = 0; i < in; ++i) {
                     T t[12];
                     for (int k = 0; k < 4; ++k) {
                       const T u0 = u[k * out * in + i], u1 = u[(4 + k) * out * in + i],
                               u2 = u[(8 + k) * out * in + i], u3 = u[(12 + k) * out * in + i],
                               even = T(0.5) * (u1 + u2);
                       t[k] = u0 + even, t[4 + k] = T(0.5) * (u1 - u2), t[8 + k] = even + u3;
                     }
                     for (int r = 0; r < 3; ++r) {
                       const T t0 = t[4 * r], t1 = t[4 * r + 1], t2 = t[4 * r + 2], t3 = t[4 * r + 3],
                               even = T(0.5) * (t1 + t2);
                       dw[(3 * r) * in + i] = t0 + even;
                       dw[(3 * r + 1) * in + i] = T(0.5) * (t1 - t2);
                       dw[(3 * r + 2) * in + i] = even + t3;
                     }
                   }
                 }
               });
}

void conv2d_grad_weight_winograd(const Tensor& x, const Tensor& dy, const Conv2dSizes& s, Tensor& dweight) {
  with_type(x.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    const Tiling tiling(s);
    const std::int64_t in = s.in_channels, out = s.out_channels;
    const Tensor v = empty({kPoints * kGradTiles, in}, x.dtype()),
                 d = empty({kPoints * kGradTiles, out}, x.dtype()),
                 nothing = zeros({std::max(in, out)}, x.dtype()), du = zeros({kPoints * out, in}, x.dtype());
    const T *px = x.data<T>(), *pdy = dy.data<T>();
    for (std::int64_t begin = 0; begin < tiling.count; begin += kGradTiles) {
      const std::int64_t count = std::min(kGradTiles, tiling.count - begin);
      parallel_for(0, count, 8, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
          const T *pixel[16], *gradient[4];
          tiling.find<4>(px, in, begin + i, 1, pixel);
          transform_input(pixel, nothing.data<T>(), in, v.data<T>() + i * in, kGradTiles * in);
          tiling.find<2>(pdy, out, begin + i, 0, gradient);
          transform_gradient(gradient, nothing.data<T>(), out, d.data<T>() + i * out, kGradTiles * out);
        }
      });
      // A point is one thread's: the sums of each run on in the order of the blocks.
      parallel_for(0, kPoints, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t p = first; p < last; ++p) {
          Tensor sum = du.sliced(0, p * out, (p + 1) * out);
          slots::gemm(kCpu, d.sliced(0, p * kGradTiles, p * kGradTiles + count),
                      v.sliced(0, p * kGradTiles, p * kGradTiles + count), {},
                      {.transpose_a = true, .accumulate = true}, sum);
        }
      });
    }
    transform_weight_gradient<T>(du, s, dweight);
  });
}

}  // namespace

void bind_conv2d_winograd_cpu() {
  slots::conv2d_winograd.bind(DeviceType::cpu, conv2d_winograd);
  slots::conv2d_grad_input_winograd.bind(DeviceType::cpu, conv2d_grad_input_winograd);
  slots::conv2d_grad_weight_winograd.bind(DeviceType::cpu, conv2d_grad_weight_winograd);
}

}  // namespace uls::kernels
