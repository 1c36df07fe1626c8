// SPDX-License-Identifier: Apache-2.0
#include "train/plan/training_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/autograd/autograd.h"
#include "core/base/stopwatch.h"
#include "core/base/strings.h"
#include "core/device/slot_observer.h"
#include "core/tensor/primitives.h"
#include "kernels/linear/linear/linear.h"

namespace uls {
namespace {

std::int64_t bytes_of(const Tensor& x) { return x.numel() * size_of(x.dtype()); }

// Counts arithmetic, and remembers the gradients that were there when memory peaked: kernels run on meta
// right after their results were made.
class StepWatch : public SlotObserver {
 public:
  explicit StepWatch(const Parameters& parameters) : parameters_(parameters) {}

  void ran(const char*, const char*, double, double flops) override {
    flops_ += flops;
    if (meta_bytes().peak == peak_) return;
    peak_ = meta_bytes().peak;
    gradients_ = 0;
    std::set<const Storage*> buckets;
    for (const Parameter& p : parameters_.all()) {
      const Tensor gradient = p.value.grad();
      if (gradient && buckets.insert(gradient.storage().get()).second)
        gradients_ += gradient.storage()->bytes();
    }
  }

  double take_flops() { return std::exchange(flops_, 0); }
  std::int64_t gradients() const { return gradients_; }

 private:
  const Parameters& parameters_;
  double flops_ = 0;
  std::int64_t peak_ = -1, gradients_ = 0;
};

TrainingBatch batch_on_meta(const TrainConfig& config) {
  const std::int64_t b = config.data.batch, side = config.data.transform.size, cells = side / kGridStride;
  return {.image = empty({b, side, side, 3}, DType::float32, kMeta),
          .ids = empty({b, config.data.word_len}, DType::int64, kMeta),
          .target = empty({b, 1, cells, cells}, DType::float32, kMeta)};
}

std::int64_t state_bytes(const UniLSeg& model, const Parameters& parameters, const StepOptions& options) {
  const std::int64_t before = meta_bytes().live;
  const TrainingStep step(model, parameters, options);
  return meta_bytes().live - before;
}

}  // namespace

TrainingPlan plan_training(const TrainConfig& config, std::int64_t epoch) {
  TrainingPlan plan{.backbone_factor = config.optimizer.backbone_factor,
                    .steps = config.steps,
                    .samples = config.data.batch * config.accumulate,
                    .epoch = epoch};
  const std::int64_t before = meta_bytes().live;
  Parameters parameters({.device = kMeta});
  const UniLSeg model = build_model<UniLSeg>(parameters, config.model);
  for (const Parameter& p : parameters.all()) (p.backbone ? plan.backbone : plan.head) += p.value.numel();
  plan.memory.weights = meta_bytes().live - before;

  StepOptions options = config.step_options();
  const std::int64_t state = state_bytes(model, parameters, options);
  options.ema = 0;
  plan.memory.optimizer = state_bytes(model, parameters, options);
  plan.memory.average = state - plan.memory.optimizer;

  const TrainingBatch batch = batch_on_meta(config);
  const std::int64_t batch_bytes = bytes_of(batch.image) + bytes_of(batch.ids) + bytes_of(batch.target);
  plan.memory.batches = (config.accumulate + config.data.prefetch) * batch_bytes;

  const auto buckets = make_gradient_buckets(parameters);
  const std::int64_t standing = meta_bytes().live;
  reset_meta_peak();
  StepWatch watch(parameters);
  {
    const SlotObserverScope scope(&watch);
    // The second micro-batch runs beside the gradients of the first, as all further ones do.
    for (std::int64_t i = 0; i < std::min<std::int64_t>(config.accumulate, 2); ++i) {
      const UniLSeg::Output out =
          model(batch.image, batch.ids, {.training = true, .recompute = config.recompute});
      const MaskLoss loss = mask_loss(out.queries, out.pixels, batch.target, options.loss);
      plan.forward_flops = watch.take_flops();
      backward(loss.total);
      plan.backward_flops = watch.take_flops();
    }
  }
  plan.forward_flops *= double(config.accumulate);
  plan.backward_flops *= double(config.accumulate);
  plan.memory.gradients = watch.gradients();
  plan.memory.activations = meta_bytes().peak - standing - watch.gradients();
  // The update needs all gradients, and no activations.
  const std::int64_t all = (plan.backbone + plan.head) * size_of(parameters.dtype());
  if (all > plan.memory.gradients + plan.memory.activations) {
    plan.memory.gradients = all;
    plan.memory.activations = 0;
  }
  return plan;
}

double measured_flop_rate() {
  constexpr std::int64_t kSide = 768;
  const Tensor x = full({kSide, kSide}, 0.5), weight = full({kSide, kSide}, 0.25);
  const NoGrad no_grad;
  double best = 0;
  for (const Stopwatch all; best == 0 || all.seconds() < 0.1;) {
    const Stopwatch one;
    linear(x, weight, {});
    best = std::max(best, 2.0 * kSide * kSide * kSide / one.seconds());
  }
  return best;
}

}  // namespace uls
