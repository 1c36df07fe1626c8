// SPDX-License-Identifier: Apache-2.0
#include "train/plan/fit_batch.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/strings.h"
#include "train/plan/training_plan.h"

namespace uls {
namespace {

BatchFit planned_fit(TrainConfig config, std::int64_t at_hand) {
  const TrainingPlan plan = plan_training(config, 1);
  return {.batch = config.data.batch,
          .accumulate = config.accumulate,
          .recompute = config.recompute,
          .bytes = plan.memory.total(),
          .flops = plan.flops(),
          .fits = plan.memory.total() <= at_hand};
}

}  // namespace

std::vector<BatchFit> batch_fits(const TrainConfig& config, std::int64_t at_hand) {
  const std::int64_t samples = config.data.batch * config.accumulate;
  std::vector<BatchFit> fits;
  for (std::int64_t batch = 2; batch <= samples; ++batch) {
    if (samples % batch != 0) continue;
    for (const bool recompute : {false, true}) {
      TrainConfig one = config;
      one.data.batch = batch;
      one.accumulate = samples / batch;
      one.recompute = recompute;
      fits.push_back(planned_fit(one, at_hand));
    }
  }
  return fits;
}

std::optional<BatchFit> suggested_fit(const std::vector<BatchFit>& fits) {
  std::optional<BatchFit> best;
  for (const BatchFit& fit : fits)
    if (fit.fits && (!best || fit.batch > best->batch)) best = fit;
  return best;
}

std::string fits_text(const std::vector<BatchFit>& fits, std::int64_t at_hand) {
  const std::optional<BatchFit> best = suggested_fit(fits);
  const auto smallest = std::ranges::min_element(fits, {}, &BatchFit::bytes);
  ULS_CHECK(best, "fit-batch: no batch fits; got {} at hand; expected {}", format_bytes(at_hand),
            smallest == fits.end() ? "a step of at least 2 samples" : format_bytes(smallest->bytes));
  std::string text = "data.batch  accumulate  recompute      memory  GFLOP a step\n";
  for (const BatchFit& fit : fits)
    text +=
        fmt::format("{:>10}  {:>10}  {:>9}  {:>10}  {:>12.1f}{}\n", fit.batch, fit.accumulate, fit.recompute,
                    format_bytes(fit.bytes), fit.flops * 1e-9, fit.fits ? "" : "  does not fit");
  text += fmt::format("{} at hand: data.batch={} accumulate={} recompute={}\n", format_bytes(at_hand),
                      best->batch, best->accumulate, best->recompute);
  return text;
}

Json to_json(const std::vector<BatchFit>& fits) {
  Json rows = Json::array();
  for (const BatchFit& fit : fits)
    rows.push_back(Json::object({{"batch", fit.batch},
                                 {"accumulate", fit.accumulate},
                                 {"recompute", fit.recompute},
                                 {"bytes", fit.bytes},
                                 {"flops", fit.flops},
                                 {"fits", fit.fits}}));
  return rows;
}

}  // namespace uls
