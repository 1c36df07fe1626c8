// SPDX-License-Identifier: Apache-2.0
// The network at its real size, checked without shipping its weights: values that follow from names by a
// portable rule (the fixtures' README), outputs and gradients by samples.
#pragma once

#include "models/golden_replay.h"

namespace uls {

/// Values in [-1, 1) that follow from the name: FNV-1a and splitmix64, 24 bits each. float32.
Tensor portable_values(const std::string& name, const Shape& shape, std::uint64_t seed);

/// Replays STEM.json (full_size.json), an evaluation and a training pass.
std::vector<GoldenRow> replay_full_size(const Json& info, const std::string& stem);

}  // namespace uls
