// SPDX-License-Identifier: Apache-2.0
// What a run did since the last line of its log.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/stopwatch.h"
#include "data/loader/batch.h"
#include "train/log/metrics_log.h"
#include "train/step/training_step.h"

namespace uls {

class Interval {
 public:
  /// A step on these samples, for which it waited.
  void add(const StepResult& result, const std::vector<BatchItem>& items, double waited_s);
  void add_saving(double seconds) { saving_s_ += seconds; }
  /// Time that belongs to no step: an evaluation's.
  void add_pause(double seconds) { paused_s_ += seconds; }

  std::int64_t steps() const { return steps_; }
  /// Mean over the steps that were not skipped; nan where all were.
  double loss() const { return loss_ / double(steps_ - skipped_); }
  /// By the clock, as the rates are.
  double seconds() const { return watch_.seconds() - paused_s_; }
  double samples_per_second() const { return double(samples_) / seconds(); }
  double waiting_share() const { return waited_s_ / seconds(); }

  /// The line of the log: loss, grad_norm, skipped, samples_per_second, time/<what> in seconds a step and
  /// loss/<task>, means over the task's samples without its weight.
  Scalars scalars() const;

  /// Sums of what does not depend on the clock, for a checkpoint between two lines: the next line is then
  /// that of the uninterrupted run.
  Json state() const;
  void restore(const Json& state);

 private:
  Stopwatch watch_;
  double loss_ = 0, gradient_norm_ = 0;
  double waited_s_ = 0, passes_s_ = 0, update_s_ = 0, saving_s_ = 0, paused_s_ = 0;
  std::int64_t steps_ = 0, samples_ = 0, skipped_ = 0;
  struct TaskSum {
    double loss = 0;
    std::int64_t samples = 0;
  };
  std::map<std::string, TaskSum> tasks_;
};

}  // namespace uls
