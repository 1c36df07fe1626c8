// SPDX-License-Identifier: Apache-2.0
// A second opinion on what the sentences of scenes mean: words in, objects out.
#pragma once

#include <string>
#include <vector>

#include "data/scenes/scene.h"

namespace uls::test {

struct SceneReading {
  bool understood = false, all = false, handle = false;
  std::vector<int> objects{};
  double margin = 1e9;  // by how much a place or a relation is beyond doubt, in pixels
};

SceneReading read_sentence(const std::string& text, const std::vector<SceneObject>& objects);

}  // namespace uls::test
