// SPDX-License-Identifier: Apache-2.0
// What a model is and costs, from running it on device `meta`: nothing is computed, and no memory taken.
#pragma once

#include <string>

#include "models/model_config.h"

namespace uls {

struct SummarySize {
  std::int64_t batch = 2, height = 480, width = 480;
};

/// Lines for people: parameters by part, shapes of the outputs, FLOPs and memory of an evaluation and of a
/// training pass.
std::string summary_text(const ModelConfig& config, const SummarySize& size);

}  // namespace uls
