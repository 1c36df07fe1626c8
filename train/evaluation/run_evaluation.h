// SPDX-License-Identifier: Apache-2.0
// Scores the model that is in training, in memory.
#pragma once

#include <vector>

#include "data/loader/parts.h"
#include "eval/evaluator.h"
#include "train/config/train_config.h"
#include "train/log/metrics_log.h"

namespace uls {

class RunEvaluation {
 public:
  struct Result {
    /// "iou" (overall IoU, the mean over tasks), "iou/<task>", "mean_iou" likewise, "loss" likewise (as
    /// training has it), and where there are several sets "set_iou/<set>/<task>". Sets of one name count
    /// as one.
    Scalars scores{};
    Json samples{};  // ShownSamples
  };

  /// Opens the sets of config.eval. Raises Error where they have nothing to score, or not what the metric
  /// needs.
  explicit RunEvaluation(const TrainConfig& config);

  /// Of the model as it is: running statistics, no dropout. Training's random draws are not touched.
  Result run(const UniLSeg& model) const;

 private:
  EvalRequest request_of(const LoaderSet& set) const;

  TrainConfig config_;
  std::vector<LoaderSet> sets_;
};

/// Raises Bug for a name that is none of them.
double score_of(const Scalars& scores, const std::string& name);

}  // namespace uls
