// SPDX-License-Identifier: Apache-2.0
// One training step in memory: gradients of all losses over its micro-batches, clipping, the update and the
// average of weights. Knows no files and no data sets.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/loss/mask_loss/mask_loss.h"
#include "models/unilseg/unilseg.h"
#include "train/step/gradient_buckets.h"
#include "train/step/optimizer.h"
#include "train/step/weight_average.h"

namespace uls {

struct StepOptions {
  OptimizerOptions optimizer{};
  MaskLossOptions loss{};
  double ema = 0;  // decay of the average of weights; 0: none
  bool recompute = false;
  std::uint64_t seed = 0;  // of dropout and drop-path
};

struct TrainingBatch {
  Tensor image;   // [B, H, W, 3]
  Tensor ids;     // int64 [B, L]
  Tensor target;  // [B, 1, H / 4, W / 4], in [0, 1]
  MaskLossWeights weights{};
};

struct StepResult {
  double loss = 0, gradient_norm = 0;
  Tensor parts;                         // [layers, 3]: bce, dice, focal
  std::vector<double> sample_losses{};  // of all micro-batches, without the samples' weights
  bool skipped = false;                 // the loss or a gradient was not finite, and nothing changed
  double passes_s = 0;                  // seconds of all forward and backward passes
  double update_s = 0;                  // seconds of clipping, the update and the average of weights
};

class TrainingStep {
 public:
  /// Takes the parameters' gradients over (gradient_buckets.h): they are there while a step runs alone. Both
  /// arguments must live as long.
  TrainingStep(const UniLSeg& model, const Parameters& parameters, const StepOptions& options);

  /// The next step, with the learning rates times `rate_factor` (a schedule's). Losses and gradients are
  /// means over the samples of all micro-batches, of which there is at least one; random draws are those of
  /// step `number` for samples counted through. So how a step was split matters only to batch norms, whose
  /// statistics are of a micro-batch, and to weights of elements, over which bce and focal of one are means.
  StepResult run(const std::vector<TrainingBatch>& micro_batches, std::int64_t number,
                 double rate_factor = 1);

  /// Has `use` called in every step with all gradients in place, before they are clipped and used up.
  void on_gradients(std::function<void()> use) { on_gradients_ = std::move(use); }

  /// Steps that changed the parameters so far.
  std::int64_t steps() const { return steps_; }

  /// For evaluation: `const AveragedWeights weights = step.averaged();`. The weights stay what they are
  /// without an average, and before the first step.
  AveragedWeights averaged();

  /// What training goes on from beside the weights, as files have it: the optimizer's moments and
  /// "average.<parameter>", in the layout of the weights.
  NamedTensors state() const;
  /// Goes on after `steps` steps with their state. Raises Error for a tensor that is missing or of another
  /// shape.
  void restore(const NamedTensors& state, std::int64_t steps);

 private:
  // Gradients and result of one micro-batch, which is `share` of the step's samples.
  void pass(const TrainingBatch& batch, double share, StepResult& result);

  void restore_buffers(const std::vector<Tensor>& values) const;

  const UniLSeg& model_;
  const Parameters& parameters_;
  StepOptions options_;
  std::vector<std::shared_ptr<GradientBucket>> buckets_;
  Optimizer optimizer_;
  std::optional<WeightAverage> average_;
  std::function<void()> on_gradients_{};
  std::int64_t steps_ = 0;
};

}  // namespace uls
