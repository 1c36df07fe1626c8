// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/scene_grammar.h"

#include <algorithm>

#include "core/base/strings.h"

namespace uls {
namespace {

bool in_group(SceneGroup group, const SceneObject& object) {
  const bool warm = object.colour == SceneColour::red || object.colour == SceneColour::yellow ||
                    object.colour == SceneColour::orange;
  switch (group) {
    case SceneGroup::round:
      return object.shape == SceneShape::circle;
    case SceneGroup::angular:
      return object.shape != SceneShape::circle;
    case SceneGroup::warm:
      return warm;
    default:
      return !warm;
  }
}

const char* word(SceneGroup group) {
  switch (group) {
    case SceneGroup::round:
      return "round";
    case SceneGroup::angular:
      return "angular";
    case SceneGroup::warm:
      return "warm";
    default:
      return "cold";
  }
}

const char* words(SceneMotion motion) {
  switch (motion) {
    case SceneMotion::still:
      return "standing still";
    case SceneMotion::left:
      return "moving left";
    case SceneMotion::right:
      return "moving right";
    case SceneMotion::up:
      return "moving up";
    default:
      return "moving down";
  }
}

const char* place_words(SceneSide side) {
  switch (side) {
    case SceneSide::left:
      return "on the left";
    case SceneSide::right:
      return "on the right";
    case SceneSide::top:
      return "at the top";
    default:
      return "at the bottom";
  }
}

const char* superlative(SceneSide side) {
  switch (side) {
    case SceneSide::left:
      return "leftmost";
    case SceneSide::right:
      return "rightmost";
    case SceneSide::top:
      return "highest";
    default:
      return "lowest";
  }
}

const char* relation_words(SceneSide side) {
  switch (side) {
    case SceneSide::left:
      return "left of";
    case SceneSide::right:
      return "right of";
    case SceneSide::top:
      return "above";
    default:
      return "below";
  }
}

std::string noun_text(const SceneNoun& noun, bool plural) {
  std::vector<std::string> parts;
  if (noun.group) parts.push_back(word(*noun.group));
  if (noun.size) parts.push_back(to_string(*noun.size));
  if (noun.texture) parts.push_back(to_string(*noun.texture));
  if (noun.colour) parts.push_back(to_string(*noun.colour));
  parts.push_back((noun.shape ? to_string(*noun.shape) : "object") + std::string(plural ? "s" : ""));
  if (noun.motion) parts.push_back(words(*noun.motion));
  return join(parts, " ");
}

// Grows towards the side.
double along(SceneSide side, const SceneObject& object) {
  switch (side) {
    case SceneSide::left:
      return -object.x;
    case SceneSide::right:
      return object.x;
    case SceneSide::top:
      return -object.y;
    default:
      return object.y;
  }
}

std::vector<int> fitting(const SceneNoun& noun, const std::vector<SceneObject>& objects) {
  std::vector<int> found;
  for (std::size_t i = 0; i < objects.size(); ++i)
    if (noun.fits(objects[i])) found.push_back(int(i));
  return found;
}

}  // namespace

bool SceneNoun::fits(const SceneObject& object) const {
  return (!group || in_group(*group, object)) && (!size || *size == object.size) &&
         (!texture || *texture == object.texture) && (!colour || *colour == object.colour) &&
         (!shape || *shape == object.shape) && (!motion || *motion == object.motion);
}

std::vector<std::string> phrase_texts(const ScenePhrase& phrase, bool paraphrases) {
  const std::string noun = noun_text(phrase.noun, phrase.all);
  if (phrase.all) {
    if (paraphrases && !phrase.noun.group && phrase.noun.shape && !phrase.noun.colour)
      return {"all " + noun, "every " + noun_text(phrase.noun, false)};
    return {"all " + noun};
  }
  if (phrase.handle) return {"the handle of the " + noun};
  if (phrase.other) {
    const std::string other = " the " + noun_text(*phrase.other, false), side = relation_words(*phrase.side);
    std::vector<std::string> texts{"the " + noun + " " + side + other};
    if (paraphrases && side.ends_with(" of")) texts.push_back("the " + noun + " to the " + side + other);
    return texts;
  }
  if (phrase.side) {
    std::vector<std::string> texts{"the " + noun + " " + place_words(*phrase.side)};
    if (paraphrases) texts.push_back("the " + std::string(superlative(*phrase.side)) + " " + noun);
    return texts;
  }
  return {"the " + noun};
}

std::vector<int> resolve_phrase(const ScenePhrase& phrase, const std::vector<SceneObject>& objects,
                                double margin) {
  std::vector<int> found = fitting(phrase.noun, objects);
  if (phrase.all) return found;
  if (!phrase.side) return found.size() == 1 ? found : std::vector<int>{};

  double from = 0;
  const SceneSide side = *phrase.side;
  if (phrase.other) {
    const std::vector<int> other = fitting(*phrase.other, objects);
    if (other.size() != 1) return {};
    std::erase(found, other[0]);
    from = along(side, objects[std::size_t(other[0])]);
  }
  if (found.size() < 2) return {};
  const auto place = [&](int i) { return along(side, objects[std::size_t(i)]); };
  std::ranges::sort(found, [&](int a, int b) { return place(a) > place(b); });
  const double first = place(found[0]), second = place(found[1]);
  const bool clear = phrase.other ? first >= from + margin && second <= from : first >= second + margin;
  return clear ? std::vector<int>{found[0]} : std::vector<int>{};
}

double phrase_margin(std::int64_t size) { return 0.08 * double(size); }

}  // namespace uls
