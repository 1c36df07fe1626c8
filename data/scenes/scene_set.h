// SPDX-License-Identifier: Apache-2.0
// A set of generated scenes as a folder of the unified format.
#pragma once

#include <cstdint>
#include <string>

#include "data/scenes/scene.h"

namespace uls {

struct SceneSetOptions {
  SceneOptions scene{};                           // its split is not used
  std::int64_t train = 0, val = 0, held_out = 0;  // scenes
  std::int64_t clips = 0;                         // of train; and a tenth as many of val, if it has scenes
};

/// Goes on where an interrupted run stopped. The bytes depend on the options alone. Returns the samples that
/// the set has; raises Error for options out of range and for what DatasetWriter refuses.
std::int64_t write_scenes(const SceneSetOptions& options, const std::string& path);

}  // namespace uls
