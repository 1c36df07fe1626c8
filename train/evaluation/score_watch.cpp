// SPDX-License-Identifier: Apache-2.0
#include "train/evaluation/score_watch.h"

#include <fmt/core.h>

#include <cmath>

namespace uls {

bool ScoreWatch::add(std::int64_t step, double score) {
  const bool better =
      std::isfinite(score) && (!best_ || (config_.lower_is_better() ? score < *best_ : score > *best_));
  ++since_best_;
  if (!better) return false;
  best_ = score;
  best_step_ = step;
  since_best_ = 0;
  return true;
}

std::string ScoreWatch::text() const {
  return best_ ? fmt::format("{} {:.4f} of step {}", config_.metric, *best_, best_step_) : "none yet";
}

Json ScoreWatch::state() const {
  return Json::object({{"metric", config_.metric},
                       {"best", best_ ? Json(*best_) : Json()},
                       {"best_step", best_step_},
                       {"since_best", since_best_}});
}

void ScoreWatch::restore(const Json& state) {
  if (state.at("metric").as_string() != config_.metric) return;
  if (!state.at("best").is_null()) best_ = state.at("best").as_double();
  best_step_ = state.at("best_step").as_int64();
  since_best_ = state.at("since_best").as_int64();
}

}  // namespace uls
