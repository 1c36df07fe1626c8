// SPDX-License-Identifier: Apache-2.0
// The pixels of a scene: which object each shows, and the picture.
#pragma once

#include <cstdint>
#include <vector>

#include "data/scenes/scene.h"
#include "data/scenes/scene_draws.h"

namespace uls {

/// [size, size] of 0 for the background, 2 i + 1 where the body of object i is seen, 2 i + 2 its handle: the
/// topmost object whose outline holds the pixel's centre.
using SceneOwners = std::vector<std::uint8_t>;

SceneOwners paint_owners(const std::vector<SceneObject>& objects, std::int64_t size);

/// Sets area and handle_area of the objects. False where one shows less than `visible` of its body.
bool measure_objects(const SceneOwners& owners, double visible, std::vector<SceneObject>& objects,
                     std::int64_t size);

/// RGB with smooth edges, over a soft coloured ground, with noise. The same ground and noise from the same
/// draws.
Image paint_picture(const std::vector<SceneObject>& objects, std::int64_t size, SceneDraws draws);

}  // namespace uls
