// SPDX-License-Identifier: Apache-2.0
// What the two levels of scenes differ in.
#pragma once

#include <cstdint>
#include <vector>

#include "data/scenes/scene.h"

namespace uls {

struct SceneLevelRules {
  std::int64_t size;  // pixels a side, the default; lengths below are for this size
  int least_objects;
  std::vector<double> object_weights;                   // of least_objects and each number above
  int colours, shapes;                                  // the first of their lists
  double large_low, large_high, small_low, small_high;  // radii
  double spacing;                             // centres are at least this times the sum of two radii apart
  double visible;                             // least visible share of a body
  double repeat_shape;                        // chance that an object takes the shape of one before it
  double rotation;                            // largest, radians, either way
  double textured;                            // chance of a texture
  double handle, handle_reach, handle_width;  // chance; reach and half width in radii
  bool holds_out;
  // Chance of each sentence that is possible, by kind.
  double attribute, relative_size, position, relation, colour, everything, pair, group;
  bool paraphrases;
};

const SceneLevelRules& rules_of(SceneLevel level);

}  // namespace uls
