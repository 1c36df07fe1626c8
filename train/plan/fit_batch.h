// SPDX-License-Identifier: Apache-2.0
// How a step's samples can be split so that training fits the memory at hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json/json.h"
#include "train/config/train_config.h"

namespace uls {

/// One way: `accumulate` batches a step, with blocks kept or run again.
struct BatchFit {
  std::int64_t batch = 0, accumulate = 1;
  bool recompute = false;
  std::int64_t bytes = 0;  // planned
  double flops = 0;        // of a step
  bool fits = false;
};

/// All ways to make the config's step of data.batch x accumulate samples from equal batches of at least 2
/// (batch norms need as many), smallest first, without and with recomputation.
std::vector<BatchFit> batch_fits(const TrainConfig& config, std::int64_t at_hand);

/// The largest batch that fits, since batch norms learn from what they see together; without recomputation
/// where both do. Nothing where none fits.
std::optional<BatchFit> suggested_fit(const std::vector<BatchFit>& fits);

/// Lines for people, with the keys to set. Raises Error where none fits.
std::string fits_text(const std::vector<BatchFit>& fits, std::int64_t at_hand);

Json to_json(const std::vector<BatchFit>& fits);

}  // namespace uls
