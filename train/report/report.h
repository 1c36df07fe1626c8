// SPDX-License-Identifier: Apache-2.0
// The page of a run, or of two beside each other: curves, figures and the configuration, in one file that
// needs no network.
#pragma once

#include <string>

namespace uls {

/// HTML of the run in folder `run` (metrics.jsonl, config.yaml); with `other`, that run's curves are dashed
/// and the keys of the configs that differ are listed. Raises Error where a folder holds no run.
std::string report_page(const std::string& run, const std::string& other = "");

}  // namespace uls
