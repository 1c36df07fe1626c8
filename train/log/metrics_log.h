// SPDX-License-Identifier: Apache-2.0
// What a run reports, kept in its folder: metrics.jsonl, one JSON object a line, and TensorBoard's event
// files.
//
//   {"kind": "train", "step": 20, "loss": 0.71, "loss/referring": 0.74, ...}
//   {"kind": "eval", "step": 200, "iou/referring": 0.42, ...}
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "core/json/json.h"
#include "train/log/event_file.h"

namespace uls {

using Scalars = std::vector<std::pair<std::string, double>>;

/// A number; where JSON has none, its name: "nan", "inf" or "-inf".
Json scalar_json(double value);
double scalar_of(const Json& json);

class MetricsLog {
 public:
  /// Goes on with the log of a run that resumes after `step`: later lines, and one that was cut by a kill,
  /// are dropped. 0: a new log. Lines that cannot be read are told in a warning and left out; the log as it
  /// was stays beside it then ("metrics.jsonl.damaged"). Raises Error where the folder takes no files.
  MetricsLog(const std::string& folder, std::int64_t step);

  /// A line, handed to the system at once. Values that are not finite are written as text: "nan", "inf",
  /// "-inf".
  void add(const std::string& kind, std::int64_t step, const Scalars& scalars);

 private:
  std::string path_;
  std::ofstream lines_;
  EventFile events_;
};

/// The lines of a run's metrics.jsonl; a cut last line is left out. Raises Error where it is missing or none
/// of ours.
std::vector<Json> read_metrics(const std::string& folder);

}  // namespace uls
