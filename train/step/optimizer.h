// SPDX-License-Identifier: Apache-2.0
// The update of all parameters from their gradients, by the rule that the options choose.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "kernels/optim/adamw/adamw.h"
#include "kernels/optim/sgd/sgd.h"
#include "train/step/gradient_buckets.h"
#include "train/step/slab_state.h"

namespace uls {

enum class OptimizerKind { adam, sgd };  // adam: both kinds of it, as AdamOptions::decoupled says

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adam;
  AdamOptions adam{};
  SgdOptions sgd{};
  double learning_rate = 1e-4;
  double backbone_factor = 0.1;  // of the learning rate, for the towers
  double weight_decay = 0.01;    // of what decays: matrices, kernels and tables
  double max_norm = std::numeric_limits<double>::infinity();
};

class Optimizer {
 public:
  /// The parameters must live as long.
  Optimizer(const Parameters& parameters, const OptimizerOptions& options);

  /// Update number `step`, from 1, with the learning rates times `rate_factor` and the gradients of the
  /// buckets, clipped. Nothing changes where a gradient is not finite. Gives what kernels wrote: the norm,
  /// and whether it was skipped.
  StepValues update(const std::vector<std::shared_ptr<GradientBucket>>& buckets, std::int64_t step,
                    double rate_factor);

  /// The moments, as files have them: "mean.<parameter>" and "square.<parameter>" of Adam,
  /// "momentum.<parameter>" of SGD with momentum. See SlabState.
  void save(NamedTensors& tensors) const;
  void restore(const NamedTensors& tensors);

 private:
  OptimizerOptions options_;
  std::vector<SlabState> moments_;  // in the order of save()
};

}  // namespace uls
