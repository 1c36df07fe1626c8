// SPDX-License-Identifier: Apache-2.0
#include "train/step/training_step.h"

#include <map>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "kernels/optim/clip/clip.h"

namespace uls {
namespace {

enum Group { kBackbone, kHead };

}  // namespace

TrainingStep::TrainingStep(const UniLSeg& model, const Parameters& parameters, const StepOptions& options)
    : model_(model), parameters_(parameters), options_(options), buckets_(make_gradient_buckets(parameters)) {
  std::map<const Storage*, std::pair<Tensor, Tensor>> moments;  // of the slabs
  for (const ParameterSlab& slab : parameters.slabs())
    moments[slab.values.storage().get()] = {zeros_like(slab.values), zeros_like(slab.values)};
  for (const auto& bucket : buckets_) {
    const ParameterSlab& slab = bucket->slab();
    const auto& [mean, square] = moments.at(slab.values.storage().get());
    slabs_.push_back({.parameter = bucket->part_of(slab.values),
                      .gradient = {},
                      .mean = bucket->part_of(mean),
                      .square = bucket->part_of(square),
                      .weight_decay = slab.decays ? options.weight_decay : 0,
                      .group = slab.backbone ? kBackbone : kHead});
  }
}

StepResult TrainingStep::run(const TrainingBatch& batch) {
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
  std::vector<Tensor> gradients;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    gradients.push_back(buckets_[i]->gradient());
    slabs_[i].gradient = gradients[i];
  }
  clip_(on_device, gradients, options_.max_norm);
  adamw_(slabs_, on_device, options_.adam);
  parameters_.clear_gradients();
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    slabs_[i].gradient = Tensor();
    buckets_[i]->release();
  }
  result.gradient_norm = step_values(on_device).gradient_norm;
  result.skipped = step_values(on_device).skip != 0;
  if (result.skipped) --steps_;
  return result;
}

}  // namespace uls
