// SPDX-License-Identifier: Apache-2.0
// Golden cases of a model or one of its parts: tensors that another framework wrote, replayed and compared.
// Layout and bounds as the fixtures' README says: everything is read from NAME.json and NAME.safetensors.
#pragma once

#include <string>
#include <vector>

#include "core/json/json.h"
#include "models/pass.h"

namespace uls {

/// One tensor of a case beside ours.
struct GoldenRow {
  std::string key;  // "sr2/grad.in.tgt"
  double difference = 0, allowed = 0;
  bool floored = false;  // the bound is the floor for sums, as the sample's noise was lucky

  bool agrees() const { return difference <= allowed; }
};

/// Replays the case, or every case of the file. Raises Error where files are missing or contradict each
/// other.
std::vector<GoldenRow> replay_golden_case(const std::string& folder, const std::string& name);

/// The row of one key, with its bound (core/base/golden_bound.h) by the case's noise and scale.
GoldenRow golden_row(const Json& info, const std::string& key);

}  // namespace uls
