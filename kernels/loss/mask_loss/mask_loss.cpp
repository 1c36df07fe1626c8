// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/mask_loss/mask_loss.h"

#include <algorithm>

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
#include "kernels/primitives/views/views.h"

namespace uls {

namespace slots {
namespace {

// The maps' products; the losses' own arithmetic is not counted.
double forward_flops(const Tensor& query, const Tensor& pixel, const Tensor&, const MaskLossOptions&, Tensor&,
                     Tensor&, Tensor&) {
  return kernels::mask_product_flops(query, pixel);
}
double grad_flops(const Tensor& query, const Tensor& pixel, const Tensor&, const MaskLossOptions&,
                  const Tensor&, const Tensor&, Tensor&, Tensor&) {
  return 2 * kernels::mask_product_flops(query, pixel);
}

}  // namespace

KernelSlot<void(const Tensor& query, const Tensor& pixel, const Tensor& target,
                const MaskLossOptions& options, Tensor& total, Tensor& parts, Tensor& sums)>
    mask_loss("mask_loss", forward_flops);
KernelSlot<void(const Tensor& query, const Tensor& pixel, const Tensor& target,
                const MaskLossOptions& options, const Tensor& sums, const Tensor& dtotal, Tensor& dquery,
                Tensor& dpixel)>
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

// The plain twin: maps, and losses one after the other, in target's type as the kernel computes them.
MaskLoss by_steps(const Tensor& query, const Tensor& pixel, const Tensor& target,
                  const MaskLossOptions& options) {
  const Tensor maps = mask_head(cast(query, target.dtype()), cast(pixel, target.dtype()));
  const std::int64_t layers = maps.size(0), samples = maps.size(1) * maps.size(2);
  const Shape rows{samples, maps.size(3) * maps.size(4)};
  const Tensor wanted = target.reshaped(rows);
  MaskLoss result{{}, zeros({layers, 3}, target.dtype(), target.device())};
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    const Tensor logits = reshape(slice(maps, 0, layer, layer + 1), rows);
    const auto add_loss = [&](int index, double weight, const Tensor& loss) {
      Tensor part = result.parts.sliced(0, layer, layer + 1).sliced(1, index, index + 1).reshaped({});
      copy_(part, loss.detached());
      const Tensor term = loss * (weight * options.layer_weight(layer));
      result.total = result.total ? result.total + term : term;
    };
    if (options.bce > 0) add_loss(0, options.bce, bce_with_logits(logits, wanted));
    if (options.dice > 0) add_loss(1, options.dice, dice(logits, wanted));
    if (options.focal > 0) add_loss(2, options.focal, focal(logits, wanted, options.alpha, options.gamma));
  }
  result.total = cast(result.total, query.dtype());
  return result;
}

}  // namespace

MaskLoss mask_loss(const Tensor& query, const Tensor& pixel, const Tensor& target,
                   const MaskLossOptions& options) {
  const OpScope scope("mask_loss");
  check(query, pixel, options);
  const std::int64_t layers = query.size(0), samples = query.size(1), queries = query.size(2),
                     height = pixel.size(1), width = pixel.size(2), channels = pixel.size(3);
  const Tensor wanted =
      kernels::checked_target("mask_loss", query, {samples, queries, height, width}, target);
  if (!kernels::fused_kernels()) return by_steps(query, pixel, wanted, options);

  const Tensor q = contiguous(query), v = contiguous(pixel).reshaped({samples, height * width, channels}),
               t = wanted.reshaped({samples, queries, height * width});
  Tensor total = empty({}, q.dtype(), q.device()), parts = empty({layers, 3}, t.dtype(), t.device()),
         sums = empty({layers, samples, queries, 2}, DType::float64, q.device());
  slots::mask_loss(q.device(), q, v, t, options, total, parts, sums);
  total = record("mask_loss", {query, pixel}, total,
                 [q = save(q), v = save(v), t = save(t), sums = save(sums), options,
                  shape = pixel.shape()](Gradients& g) {
                   Tensor dq = g.needs(0) ? empty_like(q()) : Tensor();
                   Tensor dpixel = g.needs(1) ? empty(shape, v().dtype(), v().device()) : Tensor();
                   Tensor dv = dpixel ? dpixel.reshaped(v().shape()) : Tensor();
                   slots::mask_loss_grad(q().device(), q(), v(), t(), options, sums(), g.output(0), dq, dv);
                   dv = Tensor();  // the only handle is moved on, so that a leaf takes it without a copy
                   if (dq) g.add(0, std::move(dq));
                   if (dpixel) g.add(1, std::move(dpixel));
                 });
  return {total, parts};
}

}  // namespace uls
