// SPDX-License-Identifier: Apache-2.0
// One training step in memory: gradients of all losses, clipping, AdamW. Knows no files and no data sets.
#pragma once

#include <limits>
#include <map>
#include <vector>

#include "kernels/loss/mask_loss/mask_loss.h"
#include "kernels/optim/adamw/adamw.h"
#include "models/unilseg/unilseg.h"
#include "train/step/gradient_buckets.h"

namespace uls {

struct StepOptions {
  AdamOptions adam{};
  double learning_rate = 1e-4;
  double backbone_factor = 0.1;  // of the learning rate, for the towers
  double weight_decay = 0.01;    // of what decays: matrices, kernels and tables
  double max_norm = std::numeric_limits<double>::infinity();
  MaskLossOptions loss{};
  bool recompute = false;
};

struct TrainingBatch {
  Tensor image;   // [B, H, W, 3]
  Tensor ids;     // int64 [B, L]
  Tensor target;  // [B, 1, H / 4, W / 4], in [0, 1]
  MaskLossWeights weights{};
};

struct StepResult {
  double loss = 0, gradient_norm = 0;
  Tensor parts;          // [layers, 3]: bce, dice, focal
  bool skipped = false;  // a gradient was not finite, and nothing changed
};

class TrainingStep {
 public:
  /// Takes the parameters' gradients over (gradient_buckets.h): they are there while a step runs alone. Both
  /// arguments must live as long.
  TrainingStep(const UniLSeg& model, const Parameters& parameters, const StepOptions& options);

  /// The next step, with the learning rates times `rate_factor` (a schedule's).
  StepResult run(const TrainingBatch& batch, double rate_factor = 1);

  /// Steps that changed the parameters so far.
  std::int64_t steps() const { return steps_; }
  /// The moments as files have them: "mean.<parameter>" and "square.<parameter>", in the layout of the
  /// weights.
  NamedTensors moments() const;
  /// Goes on after `steps` steps with their moments. Raises Error for one that is missing or of another
  /// shape.
  void restore(const NamedTensors& moments, std::int64_t steps);

 private:
  struct Moments {
    Tensor mean, square;  // of a slab
  };
  // Calls use(name, moment of the parameter, parameter) for both moments of all parameters.
  template <typename Use>
  void for_each_moment(Use use) const;

  const UniLSeg& model_;
  const Parameters& parameters_;
  StepOptions options_;
  std::vector<std::shared_ptr<GradientBucket>> buckets_;
  std::map<const Storage*, Moments> moments_;  // of the slabs
  std::vector<AdamSlab> slabs_;                // one for each bucket, without its gradient
  std::int64_t steps_ = 0;
};

}  // namespace uls
