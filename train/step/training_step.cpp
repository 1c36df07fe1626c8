// SPDX-License-Identifier: Apache-2.0
#include "train/step/training_step.h"

#include "core/autograd/autograd.h"
#include "core/io/file_layout.h"
#include "core/tensor/primitives.h"
#include "kernels/optim/clip/clip.h"

namespace uls {
namespace {

enum Group { kBackbone, kHead };

}  // namespace

TrainingStep::TrainingStep(const UniLSeg& model, const Parameters& parameters, const StepOptions& options)
    : model_(model), parameters_(parameters), options_(options), buckets_(make_gradient_buckets(parameters)) {
  for (const ParameterSlab& slab : parameters.slabs())
    moments_[slab.values.storage().get()] = {zeros_like(slab.values), zeros_like(slab.values)};
  for (const auto& bucket : buckets_) {
    const ParameterSlab& slab = bucket->slab();
    const auto& [mean, square] = moments_.at(slab.values.storage().get());
    slabs_.push_back({.parameter = bucket->part_of(slab.values),
                      .gradient = {},
                      .mean = bucket->part_of(mean),
                      .square = bucket->part_of(square),
                      .weight_decay = slab.decays ? options.weight_decay : 0,
                      .group = slab.backbone ? kBackbone : kHead});
  }
}

StepResult TrainingStep::run(const TrainingBatch& batch, double rate_factor) {
  StepResult result;
  {
    const UniLSeg::Output out =
        model_(batch.image, batch.ids, {.training = true, .recompute = options_.recompute});
    const MaskLoss loss = mask_loss(out.queries, out.pixels, batch.target, options_.loss, batch.weights);
    backward(loss.total);
    result.loss = to_doubles(loss.total)[0];
    result.parts = loss.parts;
  }
  StepValues values;
  values.step = double(++steps_);
  values.learning_rates[kHead] = options_.learning_rate * rate_factor;
  values.learning_rates[kBackbone] = values.learning_rates[kHead] * options_.backbone_factor;
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

template <typename Use>
void TrainingStep::for_each_moment(Use use) const {
  for (const Parameter& p : parameters_.all()) {
    const Moments& moments = moments_.at(p.value.storage().get());
    const auto own = [&](const Tensor& of_slab) {
      return of_slab.sliced(0, p.value.offset(), p.value.offset() + p.value.numel())
          .reshaped(p.value.shape());
    };
    use("mean." + p.name, own(moments.mean), p);
    use("square." + p.name, own(moments.square), p);
  }
}

NamedTensors TrainingStep::moments() const {
  NamedTensors tensors;
  for_each_moment([&](const std::string& name, const Tensor& moment, const Parameter& p) {
    tensors[name] = to_file_layout(moment, p.layout);
  });
  return tensors;
}

void TrainingStep::restore(const NamedTensors& moments, std::int64_t steps) {
  for_each_moment([&](const std::string& name, Tensor moment, const Parameter& p) {
    const auto found = moments.find(name);
    ULS_CHECK(found != moments.end(), "training step: a moment is missing; got no {}; expected one", name);
    const Tensor value = from_file_layout(found->second, p.layout);
    ULS_CHECK(value.shape() == moment.shape(), "training step: {} does not fit; got {}; expected {}", name,
              to_string(value.shape()), to_string(moment.shape()));
    copy_(moment, value);
  });
  steps_ = steps;
}

}  // namespace uls
