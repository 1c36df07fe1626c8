// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/mask_loss/mask_loss.h"

#include <algorithm>
#include <limits>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/attention/mask_head/mask_head.h"
#include "kernels/attention/mask_head/mask_inputs.h"
#include "kernels/common/fused.h"
#include "kernels/loss/bce_with_logits/bce_with_logits.h"
#include "kernels/loss/dice/dice.h"
#include "kernels/loss/focal/focal.h"
#include "kernels/loss/loss_inputs.h"
#include "kernels/loss/mask_loss/mask_loss_kernel.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/reduce/reduce.h"
#include "kernels/primitives/views/views.h"

namespace uls {

namespace slots {
namespace {

// The maps' products; the losses' own arithmetic is not counted.
double forward_flops(const Tensor& query, const Tensor& pixel, const Tensor&, const MaskLossWeights&,
                     const MaskLossOptions&, Tensor&, Tensor&, Tensor&, Tensor&) {
  return kernels::mask_product_flops(query, pixel);
}
double grad_flops(const Tensor& query, const Tensor& pixel, const Tensor&, const MaskLossWeights&,
                  const MaskLossOptions&, const Tensor&, const Tensor&, Tensor&, Tensor&) {
  return 2 * kernels::mask_product_flops(query, pixel);
}

}  // namespace

KernelSlot<void(const Tensor& query, const Tensor& pixel, const Tensor& target,
                const MaskLossWeights& weights, const MaskLossOptions& options, Tensor& total, Tensor& parts,
                Tensor& samples, Tensor& sums)>
    mask_loss("mask_loss", forward_flops);
KernelSlot<void(const Tensor& query, const Tensor& pixel, const Tensor& target,
                const MaskLossWeights& weights, const MaskLossOptions& options, const Tensor& sums,
                const Tensor& dtotal, Tensor& dquery, Tensor& dpixel)>
    mask_loss_grad("mask_loss_grad", grad_flops);
}  // namespace slots

namespace {

void check(const Tensor& query, const Tensor& pixel, const MaskLossOptions& options) {
  kernels::check_mask_inputs("mask_loss", query, pixel);
  ULS_CHECK(query.size(0) > 0, "mask_loss: no layers; got query {}; expected at least one",
            to_string(query.shape()));
  const auto [bce, dice, focal, alpha, gamma, layers] = options;
  ULS_CHECK(
      bce >= 0 && dice >= 0 && focal >= 0 && bce + dice + focal > 0,
      "mask_loss: weights do not fit; got bce {}, dice {} and focal {}; expected none below 0, one above",
      bce, dice, focal);
  kernels::check_focal_options("mask_loss", alpha, gamma);
  ULS_CHECK(layers.empty() || std::int64_t(layers.size()) == query.size(0),
            "mask_loss: layer weights do not fit; got {}; expected none, or one for each of {} layers",
            layers.size(), query.size(0));
  for (const double weight : layers)
    ULS_CHECK(weight >= 0, "mask_loss: a layer weight is negative; got {}; expected at least 0", weight);
}

// As the kernels want them.
MaskLossWeights checked_weights(const Tensor& query, const MaskLossWeights& weights, const Shape& maps) {
  const auto checked = [&](const char* name, const Tensor& weight, const Shape& shape) {
    return weight ? kernels::checked_target("mask_loss", query, shape, weight, name) : Tensor();
  };
  return {checked("weights.element", weights.element, maps),
          checked("weights.sample", weights.sample, {maps[0]})};
}

// What the plain twin does with the logits of one layer, [maps, points].
class PlainLosses {
 public:
  PlainLosses(const Tensor& target, const MaskLossWeights& weights, const MaskLossOptions& options,
              std::int64_t queries)
      : wanted_(target), options_(options) {
    if (!weights.element && !weights.sample) return;
    const Shape &rows = target.shape(), column{rows[0], 1};
    element_ = weights.element ? weights.element.reshaped(rows) : full(rows, 1, target.dtype());
    sample_ = weights.sample
                  ? expand(weights.sample.reshaped({column[0] / queries, 1}), {column[0] / queries, queries})
                  : full(column, 1, target.dtype());
    sample_ = contiguous(sample_).reshaped(column);
    const double sum = to_doubles(uls::sum(element_))[0];
    elements_ = sum == 0 && target.numel() > 0 ? 1 : sum;
  }

  Tensor bce(const Tensor& x) const {
    return element_ ? weighted_mean(cost(x)) : bce_with_logits(x, wanted_);
  }
  Tensor dice(const Tensor& x) const {
    if (!element_) return uls::dice(x, wanted_);
    const Tensor p = sigmoid(x), both = affine(sum(element_ * p * wanted_, {1}, true), 2, 1),
                 all = affine(sum(element_ * (p + wanted_), {1}, true), 1, 1);
    return mean(sample_ * affine(both / all, -1, 1));
  }
  Tensor focal(const Tensor& x) const {
    if (!element_) return uls::focal(x, wanted_, options_.alpha, options_.gamma);
    const Tensor p = sigmoid(x), miss = p + wanted_ - p * wanted_ * 2,
                 // Above zero, so that its logarithm is finite.
        power = exp(log(affine(miss, 1, std::numeric_limits<float>::min())) * options_.gamma),
                 balance = affine(wanted_, 2 * options_.alpha - 1, 1 - options_.alpha);
    return weighted_mean(balance * power * cost(x));
  }

 private:
  Tensor cost(const Tensor& x) const { return relu(x) - x * wanted_ + log(affine(exp(-abs(x)), 1, 1)); }
  Tensor weighted_mean(const Tensor& costs) const {
    return sum(sample_ * element_ * costs) * (1 / elements_);
  }

  Tensor wanted_;
  const MaskLossOptions& options_;
  Tensor element_, sample_;  // where anything is weighted: [maps, points] and [maps, 1]
  double elements_ = 0;      // what means are divided by
};

// The losses of maps [layers, B, Q, H, W], one after the other.
MaskLoss by_steps(const Tensor& maps, const Tensor& target, const MaskLossWeights& weights,
                  const MaskLossOptions& options) {
  const std::int64_t layers = maps.size(0), samples = maps.size(1) * maps.size(2);
  const Shape rows{samples, maps.size(3) * maps.size(4)};
  const PlainLosses losses(target.reshaped(rows), weights, options, maps.size(2));
  MaskLoss result{{}, zeros({layers, 3}, target.dtype(), target.device()), {}};
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    const Tensor logits = reshape(slice(maps, 0, layer, layer + 1), rows);
    const auto add_loss = [&](int index, double weight, const Tensor& loss) {
      Tensor part = result.parts.sliced(0, layer, layer + 1).sliced(1, index, index + 1).reshaped({});
      copy_(part, loss.detached());
      const Tensor term = loss * (weight * options.layer_weight(layer));
      result.total = result.total ? result.total + term : term;
    };
    if (options.bce > 0) add_loss(0, options.bce, losses.bce(logits));
    if (options.dice > 0) add_loss(1, options.dice, losses.dice(logits));
    if (options.focal > 0) add_loss(2, options.focal, losses.focal(logits));
  }
  return result;
}

// MaskLoss::samples, from the definition.
Tensor samples_by_steps(const Tensor& maps, const Tensor& target, const Tensor& element,
                        const MaskLossOptions& options) {
  const NoGrad no_grad;
  Tensor samples = empty({maps.size(1)}, target.dtype(), target.device());
  for (std::int64_t b = 0; b < maps.size(1); ++b) {
    const auto own = [b](const Tensor& x, int dim = 0) { return x ? x.sliced(dim, b, b + 1) : x; };
    Tensor sample = own(samples).reshaped({});
    copy_(sample, by_steps(own(maps, 1), own(target), {own(element), {}}, options).total);
  }
  return samples;
}

// In target's type, as the kernel computes.
MaskLoss plain_twin(const Tensor& query, const Tensor& pixel, const Tensor& target,
                    const MaskLossWeights& weights, const MaskLossOptions& options) {
  const Tensor maps = mask_head(cast(query, target.dtype()), cast(pixel, target.dtype()));
  MaskLoss loss = by_steps(maps, target, weights, options);
  loss.total = cast(loss.total, query.dtype());
  loss.samples = samples_by_steps(maps.detached(), target, weights.element, options);
  return loss;
}

}  // namespace

MaskLoss mask_loss(const Tensor& query, const Tensor& pixel, const Tensor& target,
                   const MaskLossOptions& options, const MaskLossWeights& weights) {
  const OpScope scope("mask_loss");
  check(query, pixel, options);
  const std::int64_t layers = query.size(0), samples = query.size(1), queries = query.size(2),
                     height = pixel.size(1), width = pixel.size(2), channels = pixel.size(3);
  const Shape maps{samples, queries, height, width};
  const Tensor wanted = kernels::checked_target("mask_loss", query, maps, target);
  const MaskLossWeights checked = checked_weights(query, weights, maps);
  if (!kernels::fused_kernels()) return plain_twin(query, pixel, wanted, checked, options);

  const Tensor q = contiguous(query), v = contiguous(pixel).reshaped({samples, height * width, channels}),
               t = wanted.reshaped({samples, queries, height * width});
  Tensor total = empty({}, q.dtype(), q.device()), parts = empty({layers, 3}, t.dtype(), t.device()),
         of_samples = empty({samples}, t.dtype(), t.device()),
         sums = empty({layers, samples, queries, 2}, DType::float64, q.device());
  slots::mask_loss(q.device(), q, v, t, checked, options, total, parts, of_samples, sums);
  total = record("mask_loss", {query, pixel}, total,
                 [q = save(q), v = save(v), t = save(t), sums = save(sums), element = save(checked.element),
                  sample = save(checked.sample), options, shape = pixel.shape()](Gradients& g) {
                   Tensor dq = g.needs(0) ? empty_like(q()) : Tensor();
                   Tensor dpixel = g.needs(1) ? empty(shape, v().dtype(), v().device()) : Tensor();
                   Tensor dv = dpixel ? dpixel.reshaped(v().shape()) : Tensor();
                   slots::mask_loss_grad(q().device(), q(), v(), t(), {element(), sample()}, options, sums(),
                                         g.output(0), dq, dv);
                   dv = Tensor();  // the only handle is moved on, so that a leaf takes it without a copy
                   if (dq) g.add(0, std::move(dq));
                   if (dpixel) g.add(1, std::move(dpixel));
                 });
  return {total, parts, of_samples};
}

}  // namespace uls
