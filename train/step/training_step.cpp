// SPDX-License-Identifier: Apache-2.0
#include "train/step/training_step.h"

#include <cmath>
#include <limits>

#include "core/autograd/autograd.h"
#include "core/base/stopwatch.h"
#include "core/random/random_state.h"
#include "core/tensor/primitives.h"

namespace uls {

TrainingStep::TrainingStep(const UniLSeg& model, const Parameters& parameters, const StepOptions& options)
    : model_(model),
      parameters_(parameters),
      options_(options),
      buckets_(make_gradient_buckets(parameters)),
      optimizer_(parameters, options.optimizer) {
  if (options.ema > 0) average_.emplace(parameters, options.ema);
}

void TrainingStep::pass(const TrainingBatch& batch, double share, StepResult& result) {
  const UniLSeg::Output out =
      model_(batch.image, batch.ids, {.training = true, .recompute = options_.recompute});
  MaskLoss loss = mask_loss(out.queries, out.pixels, batch.target, options_.loss, batch.weights);
  backward(loss.total, full({}, share, loss.total.dtype(), loss.total.device()));
  result.loss += share * to_doubles(loss.total)[0];
  for (const double of_sample : to_doubles(loss.samples)) result.sample_losses.push_back(of_sample);
  scale_(loss.parts, share);
  if (result.parts)
    accumulate_(result.parts, loss.parts);
  else
    result.parts = loss.parts;
}

void TrainingStep::restore_buffers(const std::vector<Tensor>& values) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Tensor buffer = parameters_.buffers()[i].value;
    copy_(buffer, values[i]);
  }
}

StepResult TrainingStep::run(const std::vector<TrainingBatch>& micro_batches, std::int64_t number,
                             double rate_factor) {
  StepResult result;
  std::vector<Tensor> buffers;  // as they were: forward passes move a batch norm's running statistics
  for (const Buffer& buffer : parameters_.buffers()) buffers.push_back(clone(buffer.value));
  const Stopwatch passes;
  std::int64_t samples = 0, first = 0;
  for (const TrainingBatch& batch : micro_batches) samples += batch.image.size(0);
  for (const TrainingBatch& batch : micro_batches) {
    RandomState::current().begin_step(options_.seed, std::uint32_t(number), first);
    pass(batch, double(batch.image.size(0)) / double(samples), result);
    first += batch.image.size(0);
  }
  result.passes_s = passes.seconds();
  if (on_gradients_) on_gradients_();

  const Stopwatch update;
  StepValues values{.gradient_norm = std::numeric_limits<double>::quiet_NaN(), .skip = 1};
  if (std::isfinite(result.loss)) values = optimizer_.update(buckets_, steps_ + 1, rate_factor);
  parameters_.clear_gradients();
  for (const auto& bucket : buckets_) bucket->release();
  result.gradient_norm = values.gradient_norm;
  result.skipped = values.skip != 0;
  if (result.skipped)
    restore_buffers(buffers);
  else
    ++steps_;
  if (average_ && !result.skipped) average_->update(steps_);
  result.update_s = update.seconds();
  return result;
}

AveragedWeights TrainingStep::averaged() {
  return AveragedWeights(average_ && steps_ > 0 ? &*average_ : nullptr);
}

NamedTensors TrainingStep::state() const {
  NamedTensors tensors;
  optimizer_.save(tensors);
  if (average_) average_->state().save(tensors);
  return tensors;
}

void TrainingStep::restore(const NamedTensors& state, std::int64_t steps) {
  optimizer_.restore(state);
  if (average_) average_->state().restore(state);
  steps_ = steps;
}

}  // namespace uls
