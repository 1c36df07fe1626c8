// SPDX-License-Identifier: Apache-2.0
// What the sentences of scenes can say, and which objects they mean.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/scenes/scene.h"

namespace uls {

enum class SceneSide : std::uint8_t { left, right, top, bottom };

/// Words for several shapes or colours.
enum class SceneGroup : std::uint8_t { round, angular, warm, cold };

/// "small striped red circle moving left": what an object must be; nothing said, any object.
struct SceneNoun {
  std::optional<SceneGroup> group{};
  std::optional<SceneSize> size{};
  std::optional<SceneTexture> texture{};
  std::optional<SceneColour> colour{};
  std::optional<SceneShape> shape{};
  std::optional<SceneMotion> motion{};

  bool fits(const SceneObject& object) const;
};

struct ScenePhrase {
  bool all = false;     // "all red circles", else "the red circle"
  bool handle = false;  // "the handle of the red circle"
  SceneNoun noun{};
  std::optional<SceneSide> side{};  // "on the left", or with `other`: "left of the red square"
  std::optional<SceneNoun> other{};
};

/// The sentence, and others that mean the same where `paraphrases`.
std::vector<std::string> phrase_texts(const ScenePhrase& phrase, bool paraphrases);

/// The objects that a phrase means; empty where nothing fits or the reference is not beyond doubt:
///  - without `all`, exactly one object fits the noun; or several do, and
///  - with a side, one of them lies farthest on that side, `margin` pixels before the next;
///  - with another object (which exactly one fits), one of them alone has its centre on that side of the
///    other's, by `margin` pixels or more.
std::vector<int> resolve_phrase(const ScenePhrase& phrase, const std::vector<SceneObject>& objects,
                                double margin);

/// The margin of a picture of this size.
double phrase_margin(std::int64_t size);

}  // namespace uls
