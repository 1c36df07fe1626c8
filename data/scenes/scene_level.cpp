// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/scene_level.h"

namespace uls {

const SceneLevelRules& rules_of(SceneLevel level) {
  static const SceneLevelRules easy{
      .size = 64,
      .least_objects = 2,
      .object_weights = {0.68, 0.25, 0.07},
      .colours = 4,
      .shapes = 3,
      .large_low = 10.7,
      .large_high = 12.7,
      .small_low = 6.7,
      .small_high = 8,
      .spacing = 1.05,
      .visible = 0.85,
      .repeat_shape = 0,
      .rotation = 0,
      .textured = 0,
      .handle = 0.25,
      .handle_reach = 2,
      .handle_width = 0.42,
      .holds_out = false,
      .attribute = 0.9,
      .relative_size = 1,
      .position = 0.55,
      .relation = 1,
      .colour = 0.5,
      .everything = 0.35,
      .pair = 0.3,
      .group = 0.2,
      .paraphrases = false,
  };
  static const SceneLevelRules hard{
      .size = 96,
      .least_objects = 4,
      .object_weights = {1, 1, 1, 1, 1},
      .colours = 6,
      .shapes = 4,
      .large_low = 11.5,
      .large_high = 14,
      .small_low = 6.5,
      .small_high = 8,
      .spacing = 0.9,
      .visible = 0.7,
      .repeat_shape = 0.3,
      .rotation = 0.3,
      .textured = 0.3,
      .handle = 0.4,
      .handle_reach = 1.75,
      .handle_width = 0.24,
      .holds_out = true,
      .attribute = 0.45,
      .relative_size = 0.6,
      .position = 0.5,
      .relation = 0.5,
      .colour = 0.3,
      .everything = 0.25,
      .pair = 0.2,
      .group = 0.2,
      .paraphrases = true,
  };
  return level == SceneLevel::easy ? easy : hard;
}

}  // namespace uls
