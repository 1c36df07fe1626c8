// SPDX-License-Identifier: Apache-2.0
#include "tests/data/scenes/scene_reading.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace uls::test {
namespace {

using Words = std::vector<std::string>;

bool has_property(const SceneObject& object, std::string word) {
  static const std::map<std::string, SceneMotion> motions{{"still", SceneMotion::still},
                                                          {"left", SceneMotion::left},
                                                          {"right", SceneMotion::right},
                                                          {"up", SceneMotion::up},
                                                          {"down", SceneMotion::down}};
  if (word.ends_with('s')) word.pop_back();
  if (word == "object") return true;
  if (word == "round") return object.shape == SceneShape::circle;
  if (word == "angular") return object.shape != SceneShape::circle;
  const bool cold = object.colour == SceneColour::green || object.colour == SceneColour::blue ||
                    object.colour == SceneColour::purple;
  if (word == "warm") return !cold;
  if (word == "cold") return cold;
  if (const auto motion = motions.find(word); motion != motions.end()) return object.motion == motion->second;
  return word == to_string(object.shape) || word == to_string(object.colour) ||
         word == to_string(object.size) || word == to_string(object.texture);
}

std::vector<int> with_properties(const Words& words, const std::vector<SceneObject>& objects) {
  std::vector<int> found;
  for (std::size_t i = 0; i < objects.size(); ++i)
    if (std::ranges::all_of(words, [&](const std::string& word) { return has_property(objects[i], word); }))
      found.push_back(int(i));
  return found;
}

// Removes the words from the end, or from the beginning, of the sentence; false where they are not there.
bool take_end(std::string& text, const std::string& words) {
  if (!text.ends_with(words)) return false;
  text.resize(text.size() - words.size());
  return true;
}

bool take_start(std::string& text, const std::string& words) {
  if (!text.starts_with(words)) return false;
  text.erase(0, words.size());
  return true;
}

Words split(const std::string& text) {
  std::istringstream stream(text);
  Words words;
  for (std::string word; stream >> word;)
    if (word != "moving" && word != "standing") words.push_back(word);
  return words;
}

// How far an object lies in a direction.
double toward(char direction, const SceneObject& object) {
  if (direction == 'l') return -object.x;
  if (direction == 'r') return object.x;
  return direction == 'a' ? -object.y : object.y;
}

void read_relation(char direction, const Words& noun, const Words& other,
                   const std::vector<SceneObject>& objects, SceneReading& reading) {
  const auto others = with_properties(other, objects);
  reading.understood = others.size() == 1;
  if (!reading.understood) return;
  const double from = toward(direction, objects[std::size_t(others[0])]);
  for (const int i : with_properties(noun, objects)) {
    const double ahead = toward(direction, objects[std::size_t(i)]) - from;
    if (i == others[0] || ahead <= 0) continue;
    reading.objects.push_back(i);
    reading.margin = std::min(reading.margin, ahead);
  }
}

void read_place(char direction, const Words& noun, const std::vector<SceneObject>& objects,
                SceneReading& reading) {
  const auto candidates = with_properties(noun, objects);
  reading.understood = candidates.size() >= 2;
  for (const int i : candidates) {
    double lead = 1e9;
    for (const int j : candidates)
      if (j != i)
        lead = std::min(
            lead, toward(direction, objects[std::size_t(i)]) - toward(direction, objects[std::size_t(j)]));
    if (lead <= 0) continue;
    reading.objects.push_back(i);
    reading.margin = lead;
  }
}

}  // namespace

SceneReading read_sentence(const std::string& sentence, const std::vector<SceneObject>& objects) {
  static const std::vector<std::pair<std::string, char>> places{
      {" on the left", 'l'}, {" on the right", 'r'}, {" at the top", 'a'}, {" at the bottom", 'b'}};
  static const std::vector<std::pair<std::string, char>> superlatives{
      {"leftmost ", 'l'}, {"rightmost ", 'r'}, {"highest ", 'a'}, {"lowest ", 'b'}};
  static const std::vector<std::pair<std::string, char>> relations{
      {" to the left of the ", 'l'}, {" to the right of the ", 'r'}, {" left of the ", 'l'},
      {" right of the ", 'r'},       {" above the ", 'a'},           {" below the ", 'b'}};
  SceneReading reading;
  std::string text = sentence;
  if (take_start(text, "all ") || take_start(text, "every ")) {
    reading = {.understood = true, .all = true};
    reading.objects = with_properties(split(text), objects);
    return reading;
  }
  reading.handle = take_start(text, "the handle of the ");
  if (!reading.handle && !take_start(text, "the ")) return reading;
  for (const auto& [words, direction] : relations)
    if (const auto at = text.find(words); at != std::string::npos) {
      read_relation(direction, split(text.substr(0, at)), split(text.substr(at + words.size())), objects,
                    reading);
      return reading;
    }
  for (const auto& [words, direction] : places)
    if (take_end(text, words)) {
      read_place(direction, split(text), objects, reading);
      return reading;
    }
  for (const auto& [words, direction] : superlatives)
    if (take_start(text, words)) {
      read_place(direction, split(text), objects, reading);
      return reading;
    }
  reading.understood = true;
  reading.objects = with_properties(split(text), objects);
  return reading;
}

}  // namespace uls::test
