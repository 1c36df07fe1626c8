// SPDX-License-Identifier: Apache-2.0
// Where a run keeps its checkpoints: RUN/checkpoints/step-00000200 and so on, and RUN/checkpoints/best.json,
// which names one of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace uls {

/// "step-00000200".
std::string checkpoint_name(std::int64_t step);
/// Of what a killed process left: "step-00000200.tmp-123".
bool is_unfinished_checkpoint(const std::string& name);

/// Names in a run's folder of checkpoints, from the oldest; none where there is no such folder.
std::vector<std::string> checkpoint_names(const std::string& folder);

/// FOLDER/<name> of the best one, or "" where none is marked or it is gone.
std::string best_checkpoint(const std::string& folder);

/// The checkpoint that speaks for the run in `folder`: its best, else its newest. "" where it has none.
std::string chosen_checkpoint(const std::string& run);

}  // namespace uls
