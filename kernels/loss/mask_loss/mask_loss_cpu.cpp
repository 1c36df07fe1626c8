// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/mask_head/mask_tiles_cpu.h"
#include "kernels/common/lanes.h"
#include "kernels/loss/focal/focal_math.h"
#include "kernels/loss/mask_loss/mask_loss_kernel.h"

namespace uls::kernels {
namespace {

enum Sum { kBce, kMiss, kSize, kFocal, kSums };

// Adds what `count` logits x of one map, with the targets t, are to its sums.
template <bool kWithFocal, typename A>
void add_losses(const A* __restrict x, const A* __restrict t, std::int64_t count,
                const FocalFormula<A>& focal, double* sums) {
  A terms[kSums][MaskSizes::kTile];
  for (std::int64_t i = 0; i < count; ++i) {
    const LogitParts<A> parts(x[i]);
    terms[kBce][i] = parts.cost(t[i]);
    terms[kMiss][i] = parts.miss(t[i]);
    terms[kSize][i] = parts.p + t[i];
    if constexpr (kWithFocal) terms[kFocal][i] = focal.value(parts, t[i]);
  }
  for (int k = 0; k < (kWithFocal ? kSums : kFocal); ++k)
    sums[k] += lane_sum_of<double>(count, [of = terms[k]](std::int64_t i) { return double(of[i]); });
}

void mask_loss(const Tensor& query, const Tensor& pixel, const Tensor& target, const MaskLossOptions& options,
               Tensor& total, Tensor& parts, Tensor& sums) {
  dispatch_floating("mask_loss", query.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const MaskSizes s(query, pixel);
    const A* wanted = target.data<A>();
    const Tensor piece_sums = zeros({s.samples * s.pieces, s.rows, kSums}, DType::float64);
    double* to = piece_sums.data<double>();
    const FocalFormula<A> focal{A(options.alpha), A(options.gamma)};
    for_each_mask_tile<T>(
        s, query, pixel, [&](MaskTile<T>& tile, std::int64_t sample, std::int64_t piece, std::int64_t first) {
          tile.multiply();
          for (std::int64_t m = 0; m < s.rows; ++m) {
            const A* t = wanted + (sample * s.queries + m % s.queries) * s.points + first;
            double* sum = to + (piece * s.rows + m) * kSums;
            if (options.focal > 0)
              add_losses<true>(tile.values(m), t, tile.count(), focal, sum);
            else
              add_losses<false>(tile.values(m), t, tile.count(), focal, sum);
          }
        });

    const double maps = double(s.samples * s.queries), elements = maps * double(s.points);
    A* part = parts.data<A>();
    double* dice_sums = sums.data<double>();
    double loss = 0;
    for (std::int64_t layer = 0; layer < s.layers; ++layer) {
      double bce = 0, dice = 0, focal_sum = 0;
      for (std::int64_t sample = 0; sample < s.samples; ++sample)
        for (std::int64_t m = layer * s.queries; m < (layer + 1) * s.queries; ++m) {
          double sum[kSums] = {};
          for (std::int64_t piece = sample * s.pieces; piece < (sample + 1) * s.pieces; ++piece)
            for (int k = 0; k < kSums; ++k) sum[k] += to[(piece * s.rows + m) * kSums + k];
          double* of = dice_sums + 2 * s.place(sample, m);
          of[0] = sum[kMiss];
          of[1] = sum[kSize] + 1;
          bce += sum[kBce];
          dice += of[0] / of[1];
          focal_sum += sum[kFocal];
        }
      const double weights[] = {options.bce, options.dice, options.focal},
                   losses[] = {bce / elements, dice / maps, focal_sum / elements};
      for (int k = 0; k < 3; ++k, ++part) {
        *part = weights[k] > 0 ? A(losses[k]) : A(0);
        if (weights[k] > 0) loss += options.layer_weight(layer) * weights[k] * losses[k];
      }
    }
    *total.data<T>() = convert<T>(A(loss));
  });
}

// The slopes of the losses at the logits x, in their place.
template <bool kWithFocal, typename A>
void find_slopes(A* __restrict x, const A* __restrict t, std::int64_t count, A bce, A dice_constant,
                 A dice_linear, A focal_weight, const FocalFormula<A>& focal) {
  for (std::int64_t i = 0; i < count; ++i) {
    const LogitParts<A> parts(x[i]);
    A slope = bce * parts.slope(t[i]) + parts.p * parts.q * (dice_constant - dice_linear * t[i]);
    if constexpr (kWithFocal) slope += focal_weight * focal.slope(parts, t[i]);
    x[i] = slope;
  }
}

void mask_loss_grad(const Tensor& query, const Tensor& pixel, const Tensor& target,
                    const MaskLossOptions& options, const Tensor& sums, const Tensor& dtotal, Tensor& dquery,
                    Tensor& dpixel) {
  dispatch_floating("mask_loss", query.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const MaskSizes s(query, pixel);
    const A* wanted = target.data<A>();
    const double *dice_sums = sums.data<double>(), dy = double(load(*dtotal.data<T>())),
                 maps = double(s.samples * s.queries), elements = maps * double(s.points);
    const FocalFormula<A> focal{A(options.alpha), A(options.gamma)};
    mask_gradients<T>(
        query, pixel, dquery, dpixel, [&](MaskTile<T>& tile, std::int64_t sample, std::int64_t first) {
          tile.multiply();
          for (std::int64_t m = 0; m < s.rows; ++m) {
            const A* t = wanted + (sample * s.queries + m % s.queries) * s.points + first;
            const double* of = dice_sums + 2 * s.place(sample, m);
            const double factor = dy * options.layer_weight(m / s.queries), miss = of[0], size = of[1],
                         dice = factor * options.dice / maps;
            const A bce_weight = A(factor * options.bce / elements),
                    focal_weight = A(factor * options.focal / elements),
                    constant = A(dice * (size - miss) / (size * size)), linear = A(dice * 2 / size);
            if (options.focal > 0)
              find_slopes<true>(tile.values(m), t, tile.count(), bce_weight, constant, linear, focal_weight,
                                focal);
            else
              find_slopes<false>(tile.values(m), t, tile.count(), bce_weight, constant, linear, focal_weight,
                                 focal);
          }
        });
  });
}

}  // namespace

void bind_mask_loss_cpu() {
  slots::mask_loss.bind(DeviceType::cpu, mask_loss);
  slots::mask_loss_grad.bind(DeviceType::cpu, mask_loss_grad);
}

}  // namespace uls::kernels
