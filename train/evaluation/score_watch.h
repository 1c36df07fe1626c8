// SPDX-License-Identifier: Apache-2.0
// Which evaluation of a run was the best, and whether a better one is still hoped for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/json/json.h"
#include "train/config/eval_config.h"

namespace uls {

class ScoreWatch {
 public:
  explicit ScoreWatch(const EvalConfig& config) : config_(config) {}

  /// The metric after `step`. True where it is better than all before; one that is not finite never is.
  bool add(std::int64_t step, double score);

  /// Whether as many evaluations as the run has patience for brought nothing better.
  bool out_of_patience() const { return config_.patience > 0 && since_best_ >= config_.patience; }

  std::int64_t best_step() const { return best_step_; }  ///< 0 before the first
  /// "iou 0.6123 of step 200", or "none yet".
  std::string text() const;

  /// For a checkpoint. A state of another metric says nothing about this one, and restores nothing.
  Json state() const;
  void restore(const Json& state);

 private:
  EvalConfig config_;
  std::optional<double> best_{};
  std::int64_t best_step_ = 0, since_best_ = 0;
};

}  // namespace uls
