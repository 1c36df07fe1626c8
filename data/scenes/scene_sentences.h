// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "data/scenes/scene.h"
#include "data/scenes/scene_draws.h"
#include "data/scenes/scene_grammar.h"

namespace uls {

struct SceneSentence {
  ScenePhrase phrase{};
  std::string kind{};
  Task task = Task::referring;
  std::vector<int> objects{};  // what it means
  std::vector<std::string> texts{};
};

/// The sentences of a picture, by task: some of those that are true and beyond doubt.
std::vector<SceneSentence> scene_sentences(const SceneOptions& options,
                                           const std::vector<SceneObject>& objects, SceneDraws& draws);
/// The sentences of a clip whose first frame shows `objects`: at most one an object.
std::vector<SceneSentence> clip_sentences(const SceneOptions& options,
                                          const std::vector<SceneObject>& objects, SceneDraws& draws);

}  // namespace uls
