// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <type_traits>
#include <vector>

#include "kernels/attention/mask_head/mask_tiles_cpu.h"
#include "kernels/common/lanes.h"
#include "kernels/loss/focal/focal_math.h"
#include "kernels/loss/mask_loss/mask_loss_kernel.h"

namespace uls::kernels {
namespace {

enum Sum { kBce, kMiss, kSize, kFocal, kSums };

// Weights as the loops want them.
template <typename A>
class Weights {
 public:
  Weights(const MaskLossWeights& weights, const MaskSizes& sizes)
      : element_(weights.element ? weights.element.data<A>() : nullptr),
        sample_(weights.sample ? weights.sample.data<A>() : nullptr) {
    const std::int64_t count = sizes.queries * sizes.points;
    for (std::int64_t b = 0; b < sizes.samples; ++b) {
      const auto weight = [of = element(b * count)](std::int64_t i) { return double(of[i]); };
      const double sum = element_ ? lane_sum_of<double>(count, weight) : double(count);
      elements_ += sum;
      of_sample_.push_back(above_zero(sum, count));
    }
    elements_ = above_zero(elements_, sizes.samples * count);
  }
  // Of the elements from `first` on; null: all are 1.
  const A* element(std::int64_t first) const { return element_ ? element_ + first : nullptr; }
  double sample(std::int64_t b) const { return sample_ ? double(sample_[b]) : 1; }
  // What bce and focal are divided by, of all samples and of one alone.
  double elements() const { return elements_; }
  double elements(std::int64_t b) const { return of_sample_[std::size_t(b)]; }

 private:
  // Where all elements weigh nothing their losses are 0 / 1.
  static double above_zero(double sum, std::int64_t count) { return sum == 0 && count > 0 ? 1 : sum; }

  const A *element_, *sample_;
  double elements_ = 0;
  std::vector<double> of_sample_;
};

// Calls fn(with_focal, weighted) with both as constants of the compiler.
template <typename Fn>
void with_flags(bool with_focal, bool weighted, Fn fn) {
  using Yes = std::true_type;
  using No = std::false_type;
  if (with_focal)
    weighted ? fn(Yes(), Yes()) : fn(Yes(), No());
  else
    weighted ? fn(No(), Yes()) : fn(No(), No());
}

// Adds what `count` logits x of one map, with the targets t and weights w, are to its sums.
template <bool kWithFocal, bool kWeighted, typename A>
void add_losses(const A* __restrict x, const A* __restrict t, [[maybe_unused]] const A* __restrict w,
                std::int64_t count, const FocalFormula<A>& focal, double* sums) {
  A terms[kSums][MaskSizes::kTile];
  for (std::int64_t i = 0; i < count; ++i) {
    const LogitParts<A> parts(x[i]);
    terms[kBce][i] = parts.cost(t[i]);
    terms[kMiss][i] = parts.miss(t[i]);
    terms[kSize][i] = parts.p + t[i];
    if constexpr (kWithFocal) terms[kFocal][i] = focal.value(parts, t[i]);
    if constexpr (kWeighted)
      for (int k = 0; k < (kWithFocal ? kSums : kFocal); ++k) terms[k][i] *= w[i];
  }
  for (int k = 0; k < (kWithFocal ? kSums : kFocal); ++k)
    sums[k] += lane_sum_of<double>(count, [of = terms[k]](std::int64_t i) { return double(of[i]); });
}

void mask_loss(const Tensor& query, const Tensor& pixel, const Tensor& target, const MaskLossWeights& weights,
               const MaskLossOptions& options, Tensor& total, Tensor& parts, Tensor& samples, Tensor& sums) {
  dispatch_floating("mask_loss", query.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const MaskSizes s(query, pixel);
    const Weights<A> weight(weights, s);
    const A* wanted = target.data<A>();
    const Tensor piece_sums = zeros({s.samples * s.pieces, s.rows, kSums}, DType::float64);
    double* to = piece_sums.data<double>();
    const FocalFormula<A> focal{A(options.alpha), A(options.gamma)};
    for_each_mask_tile<T>(
        s, query, pixel, [&](MaskTile<T>& tile, std::int64_t sample, std::int64_t piece, std::int64_t first) {
          tile.multiply();
          for (std::int64_t m = 0; m < s.rows; ++m) {
            const std::int64_t place = (sample * s.queries + m % s.queries) * s.points + first;
            const A *t = wanted + place, *w = weight.element(place);
            double* sum = to + (piece * s.rows + m) * kSums;
            with_flags(options.focal > 0, w, [&](auto with_focal, auto weighted) {
              add_losses<with_focal, weighted>(tile.values(m), t, w, tile.count(), focal, sum);
            });
          }
        });

    const double maps = double(s.samples * s.queries), elements = weight.elements();
    A* part = parts.data<A>();
    double* dice_sums = sums.data<double>();
    const double shares[] = {options.bce, options.dice, options.focal};
    double loss = 0;
    std::vector<double> of_samples(std::size_t(s.samples), 0.0);
    for (std::int64_t layer = 0; layer < s.layers; ++layer) {
      double bce = 0, dice = 0, focal_sum = 0;
      for (std::int64_t sample = 0; sample < s.samples; ++sample) {
        double own[3] = {};
        for (std::int64_t m = layer * s.queries; m < (layer + 1) * s.queries; ++m) {
          double sum[kSums] = {};
          for (std::int64_t piece = sample * s.pieces; piece < (sample + 1) * s.pieces; ++piece)
            for (int k = 0; k < kSums; ++k) sum[k] += to[(piece * s.rows + m) * kSums + k];
          double* of = dice_sums + 2 * s.place(sample, m);
          of[0] = sum[kMiss];
          of[1] = sum[kSize] + 1;
          const double v = weight.sample(sample), map_dice = of[0] / of[1];
          bce += v * sum[kBce];
          dice += v * map_dice;
          focal_sum += v * sum[kFocal];
          own[0] += sum[kBce] / weight.elements(sample);
          own[1] += map_dice / double(s.queries);
          own[2] += sum[kFocal] / weight.elements(sample);
        }
        for (int k = 0; k < 3; ++k)
          if (shares[k] > 0)
            of_samples[std::size_t(sample)] += options.layer_weight(layer) * shares[k] * own[k];
      }
      const double losses[] = {bce / elements, dice / maps, focal_sum / elements};
      for (int k = 0; k < 3; ++k, ++part) {
        *part = shares[k] > 0 ? A(losses[k]) : A(0);
        if (shares[k] > 0) loss += options.layer_weight(layer) * shares[k] * losses[k];
      }
    }
    *total.data<T>() = convert<T>(A(loss));
    std::ranges::copy(of_samples, samples.data<A>());
  });
}

// The slopes of the losses at the logits x, in their place.
template <bool kWithFocal, bool kWeighted, typename A>
void find_slopes(A* __restrict x, const A* __restrict t, [[maybe_unused]] const A* __restrict w,
                 std::int64_t count, A bce, A dice_constant, A dice_linear, A focal_weight,
                 const FocalFormula<A>& focal) {
  for (std::int64_t i = 0; i < count; ++i) {
    const LogitParts<A> parts(x[i]);
    A slope = bce * parts.slope(t[i]) + parts.p * parts.q * (dice_constant - dice_linear * t[i]);
    if constexpr (kWithFocal) slope += focal_weight * focal.slope(parts, t[i]);
    if constexpr (kWeighted) slope *= w[i];
    x[i] = slope;
  }
}

void mask_loss_grad(const Tensor& query, const Tensor& pixel, const Tensor& target,
                    const MaskLossWeights& weights, const MaskLossOptions& options, const Tensor& sums,
                    const Tensor& dtotal, Tensor& dquery, Tensor& dpixel) {
  dispatch_floating("mask_loss", query.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    using A = ComputeType<T>;
    const MaskSizes s(query, pixel);
    const Weights<A> weight(weights, s);
    const A* wanted = target.data<A>();
    const double *dice_sums = sums.data<double>(), dy = double(load(*dtotal.data<T>())),
                 maps = double(s.samples * s.queries), elements = weight.elements();
    const FocalFormula<A> focal{A(options.alpha), A(options.gamma)};
    mask_gradients<T>(
        query, pixel, dquery, dpixel, [&](MaskTile<T>& tile, std::int64_t sample, std::int64_t first) {
          tile.multiply();
          for (std::int64_t m = 0; m < s.rows; ++m) {
            const std::int64_t place = (sample * s.queries + m % s.queries) * s.points + first;
            const A *t = wanted + place, *w = weight.element(place);
            const double* of = dice_sums + 2 * s.place(sample, m);
            const double factor = dy * options.layer_weight(m / s.queries) * weight.sample(sample),
                         miss = of[0], size = of[1], dice = factor * options.dice / maps;
            const A bce_weight = A(factor * options.bce / elements),
                    focal_weight = A(factor * options.focal / elements),
                    constant = A(dice * (size - miss) / (size * size)), linear = A(dice * 2 / size);
            with_flags(options.focal > 0, w, [&](auto with_focal, auto weighted) {
              find_slopes<with_focal, weighted>(tile.values(m), t, w, tile.count(), bce_weight, constant,
                                                linear, focal_weight, focal);
            });
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
