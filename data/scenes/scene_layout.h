// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "data/scenes/scene.h"
#include "data/scenes/scene_draws.h"
#include "data/scenes/scene_picture.h"

namespace uls {

/// Pixels a side of the scenes that the options ask for; raises Error for options out of range.
std::int64_t scene_size(const SceneOptions& options);

struct SceneLayout {
  std::vector<SceneObject> objects{};  // measured
  SceneOwners owners{};
};

/// Objects that keep their distance and stay visible. With several `frames` they move or stand still, and do
/// so in every frame: one layout a frame.
std::vector<SceneLayout> lay_out(const SceneOptions& options, int frames, SceneDraws& draws);

}  // namespace uls
