// SPDX-License-Identifier: Apache-2.0
#include "train/step/training_step.h"

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/optim/clip/clip.h"

namespace uls {
namespace {

enum Group { kBackbone, kHead };

}  // namespace

TrainingStep::TrainingStep(const UniLSeg& model, const Parameters& parameters, const StepOptions& options)
    : model_(model), options_(options) {
  for (const ParameterSlab& slab : parameters.slabs()) {
    const Tensor gradient = zeros_like(slab.values);
    gradients_.push_back(gradient);
    slabs_.push_back({.parameter = slab.values,
                      .gradient = gradient,
                      .mean = zeros_like(slab.values),
                      .square = zeros_like(slab.values),
                      .weight_decay = slab.decays ? options.weight_decay : 0,
                      .group = slab.backbone ? kBackbone : kHead});
    for (const Parameter& p : parameters.all())
      if (p.value.storage() == slab.values.storage())
        p.value.set_grad(gradient.sliced(0, p.value.offset(), p.value.offset() + p.value.numel())
                             .reshaped(p.value.shape()));
  }
}

StepResult TrainingStep::run(const TrainingBatch& batch) {
  for (Tensor& gradient : gradients_) fill_(gradient, 0);
  StepResult result;
  {
    const UniLSeg::Output out =
        model_(batch.image, batch.ids, {.training = true, .recompute = options_.recompute});
    const MaskLoss loss = mask_loss(out.queries, out.pixels, batch.target, options_.loss);
    backward(loss.total);
    result.loss = to_doubles(loss.total)[0];
    result.parts = loss.parts;
  }
  StepValues values;
  values.step = double(++steps_);
  values.learning_rates[kBackbone] = options_.learning_rate * options_.backbone_factor;
  values.learning_rates[kHead] = options_.learning_rate;
  Tensor on_device = to_tensor(values);
  const NoGrad no_grad;
  clip_(on_device, gradients_, options_.max_norm);
  adamw_(slabs_, on_device, options_.adam);
  result.gradient_norm = step_values(on_device).gradient_norm;
  result.skipped = step_values(on_device).skip != 0;
  if (result.skipped) --steps_;
  return result;
}

}  // namespace uls
