// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/scene_layout.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "data/scenes/scene_geometry.h"
#include "data/scenes/scene_level.h"

namespace uls {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kPlaceTries = 40, kLayoutTries = 10'000;

class Layouter {
 public:
  Layouter(const SceneOptions& options, int frames, SceneDraws& draws)
      : options_(options),
        rules_(rules_of(options.level)),
        frames_(frames),
        size_(scene_size(options)),
        scale_(double(size_) / double(rules_.size)),
        draws_(draws) {}

  std::vector<SceneLayout> operator()() {
    const int count = rules_.least_objects + draws_.weighted(rules_.object_weights);
    for (int attempt = 0; attempt < kLayoutTries; ++attempt) {
      std::vector<SceneObject> objects;
      while (int(objects.size()) < count && place(objects)) {
      }
      if (int(objects.size()) < count) continue;
      auto layouts = paint_frames(objects);
      if (!layouts.empty()) return layouts;
    }
    ULS_ASSERT(false, "no room for {} objects", count);
    return {};
  }

 private:
  // The first object of a held-out scene has a held-out pair, the others by chance.
  void choose_pair(SceneObject& object, const std::vector<SceneObject>& others) {
    const bool wanted = options_.split == SceneSplit::held_out && (others.empty() || draws_.chance(0.4));
    do {
      object.shape = !others.empty() && draws_.chance(rules_.repeat_shape)
                         ? draws_.pick(others).shape
                         : SceneShape(draws_.below(rules_.shapes));
      object.colour = SceneColour(draws_.below(rules_.colours));
    } while (rules_.holds_out && is_held_out(object.colour, object.shape) != wanted);
  }

  void choose_motion(SceneObject& object) {
    object.motion = SceneMotion(draws_.below(5));
    object.speed = object.motion == SceneMotion::still ? 0 : draws_.between(0.015, 0.03) * double(size_);
  }

  bool place(std::vector<SceneObject>& others) {
    SceneObject object;
    choose_pair(object, others);
    object.size = SceneSize(draws_.below(2));
    const bool large = object.size == SceneSize::large;
    object.radius = scale_ * (large ? draws_.between(rules_.large_low, rules_.large_high)
                                    : draws_.between(rules_.small_low, rules_.small_high));
    object.rotation = draws_.between(-rules_.rotation, rules_.rotation);
    if (draws_.chance(rules_.textured)) object.texture = SceneTexture(1 + draws_.below(2));
    if (draws_.chance(rules_.handle))
      object.handle = SceneHandle{draws_.between(0, 2 * kPi), rules_.handle_reach * object.radius,
                                  rules_.handle_width * object.radius};
    if (frames_ > 1) choose_motion(object);
    const double edge = shape_extent(object.shape) * object.radius;
    for (int attempt = 0; attempt < kPlaceTries; ++attempt) {
      object.x = draws_.between(edge, double(size_) - edge);
      object.y = draws_.between(edge, double(size_) - edge);
      if (std::ranges::all_of(others, [&](const SceneObject& other) { return apart(object, other); })) {
        others.push_back(object);
        return true;
      }
    }
    return false;
  }

  bool apart(const SceneObject& a, const SceneObject& b) const {
    return std::hypot(a.x - b.x, a.y - b.y) >= rules_.spacing * (a.radius + b.radius);
  }

  // Empty where an object is hidden, or leaves the picture.
  std::vector<SceneLayout> paint_frames(std::vector<SceneObject> objects) const {
    std::vector<SceneLayout> layouts;
    for (int frame = 0; frame < frames_; ++frame) {
      SceneLayout layout{objects, paint_owners(objects, size_)};
      if (!measure_objects(layout.owners, rules_.visible, layout.objects, size_)) return {};
      layouts.push_back(std::move(layout));
      for (SceneObject& object : objects) {
        if (!advance(object)) return {};
      }
    }
    return layouts;
  }

  bool advance(SceneObject& object) const {
    const double sign = object.motion == SceneMotion::left || object.motion == SceneMotion::up ? -1 : 1;
    const bool sideways = object.motion == SceneMotion::left || object.motion == SceneMotion::right;
    (sideways ? object.x : object.y) += sign * object.speed;
    const double edge = 0.8 * object.radius, far = double(size_) - edge;
    return object.x >= edge && object.x <= far && object.y >= edge && object.y <= far;
  }

  const SceneOptions& options_;
  const SceneLevelRules& rules_;
  int frames_;
  std::int64_t size_;
  double scale_;
  SceneDraws& draws_;
};

}  // namespace

std::int64_t scene_size(const SceneOptions& options) {
  const SceneLevelRules& rules = rules_of(options.level);
  ULS_CHECK(options.size == 0 || (options.size >= 48 && options.size <= 2048),
            "scenes: wrong size; got {}; expected 48 to 2048 pixels", options.size);
  ULS_CHECK(options.split != SceneSplit::held_out || rules.holds_out,
            "scenes: the level {} holds no pairs out; expected hard", to_string(options.level));
  return options.size ? options.size : rules.size;
}

std::vector<SceneLayout> lay_out(const SceneOptions& options, int frames, SceneDraws& draws) {
  return Layouter(options, frames, draws)();
}

}  // namespace uls
