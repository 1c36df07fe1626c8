// SPDX-License-Identifier: Apache-2.0
#include "train/step/optimizer.h"

#include "core/autograd/grad_mode.h"
#include "kernels/optim/clip/clip.h"

namespace uls {
namespace {

enum Group { kBackbone, kHead };

}  // namespace

Optimizer::Optimizer(const Parameters& parameters, const OptimizerOptions& options) : options_(options) {
  if (options.kind == OptimizerKind::adam) {
    for (const char* kind : {"mean", "square"}) moments_.emplace_back(kind, parameters);
  } else if (options.sgd.momentum > 0) {
    moments_.emplace_back("momentum", parameters);
  }
}

StepValues Optimizer::update(const std::vector<std::shared_ptr<GradientBucket>>& buckets, std::int64_t step,
                             double rate_factor) {
  const NoGrad no_grad;
  StepValues start;
  start.step = double(step);
  start.learning_rates[kHead] = options_.learning_rate * rate_factor;
  start.learning_rates[kBackbone] = start.learning_rates[kHead] * options_.backbone_factor;
  Tensor values = to_tensor(start);

  std::vector<Tensor> gradients;
  std::vector<AdamSlab> adam;
  std::vector<SgdSlab> sgd;
  for (const auto& bucket : buckets) {
    const ParameterSlab& slab = bucket->slab();
    const Tensor parameter = bucket->part_of(slab.values), gradient = bucket->gradient();
    const double decay = slab.decays ? options_.weight_decay : 0;
    const int group = slab.backbone ? kBackbone : kHead;
    const auto moment = [&](std::size_t i) {
      return i < moments_.size() ? moments_[i].beside(parameter) : Tensor();
    };
    gradients.push_back(gradient);
    if (options_.kind == OptimizerKind::adam)
      adam.push_back({parameter, gradient, moment(0), moment(1), decay, group});
    else
      sgd.push_back({parameter, gradient, moment(0), decay, group});
  }
  clip_(values, gradients, options_.max_norm);
  adamw_(adam, values, options_.adam);
  sgd_(sgd, values, options_.sgd);
  return step_values(values);
}

void Optimizer::save(NamedTensors& tensors) const {
  for (const SlabState& moment : moments_) moment.save(tensors);
}

void Optimizer::restore(const NamedTensors& tensors) {
  for (SlabState& moment : moments_) moment.restore(tensors);
}

}  // namespace uls
