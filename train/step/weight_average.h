// SPDX-License-Identifier: Apache-2.0
// The exponential moving average of the parameters over the steps.
#pragma once

#include "train/step/slab_state.h"

namespace uls {

class WeightAverage {
 public:
  /// decay: below 1. The parameters must live as long.
  WeightAverage(const Parameters& parameters, double decay);

  /// After update number `step`, from 1: average += (1 - d) (parameter - average), d the smaller of decay and
  /// (step - 1) / (step + 8). So it begins as the weights after the first step and forgets them soon.
  void update(std::int64_t step);
  /// Parameters and averages change places.
  void swap();

  SlabState& state() { return state_; }
  const SlabState& state() const { return state_; }

 private:
  const Parameters* parameters_;
  double decay_;
  SlabState state_;
};

/// While it lives the model has the averages as its weights; nothing may be trained or saved meanwhile. Batch
/// norms keep the running statistics of training.
class AveragedWeights {
 public:
  /// None: the weights stay what they are.
  explicit AveragedWeights(WeightAverage* average) : average_(average) {
    if (average_) average_->swap();
  }
  ~AveragedWeights() {
    if (average_) average_->swap();
  }
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;

 private:
  WeightAverage* average_;
};

}  // namespace uls
