// SPDX-License-Identifier: Apache-2.0
// Generated pictures of coloured shapes with exact truth for every task of the unified format: what a model
// learns from in minutes, and what tests and demonstrations use where no photo is at hand.
//
// Scene i is a function of (options, i) alone: any scene can be made at any time, on any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/format/image.h"
#include "data/format/manifest.h"
#include "data/format/sample.h"

namespace uls {

enum class SceneShape : std::uint8_t { circle, square, triangle, star };
enum class SceneColour : std::uint8_t { red, green, blue, yellow, purple, orange };
enum class SceneSize : std::uint8_t { small, large };
enum class SceneTexture : std::uint8_t { plain, striped, dotted };
enum class SceneMotion : std::uint8_t { still, left, right, up, down };

inline constexpr int kSceneShapes = 4, kSceneColours = 6;

const char* to_string(SceneShape shape);
const char* to_string(SceneColour colour);
const char* to_string(SceneSize size);
const char* to_string(SceneTexture texture);

/// A bar from the centre outwards, behind the body: what sticks out is the part.
struct SceneHandle {
  double angle = 0;                  // radians; 0 points right, a quarter turn down
  double reach = 0, half_width = 0;  // pixels, from the centre and from the bar's axis
};

/// Coordinates are pixels; pixel (row i, column j) covers [j, j + 1) x [i, i + 1).
struct SceneObject {
  SceneShape shape{};
  SceneColour colour{};
  SceneSize size{};
  SceneTexture texture{};
  SceneMotion motion{};
  double x = 0, y = 0;  // the centre
  double radius = 0;    // the circle's; the others' corners lie at shape_extent() times this
  double rotation = 0;  // radians, clockwise; a triangle's and a star's first corner points up at 0
  std::optional<SceneHandle> handle{};
  double speed = 0;       // pixels a frame
  std::int64_t area = 0;  // visible pixels, the handle's included
  std::int64_t handle_area = 0;
};

/// easy: 64 px, 2 to 4 upright objects, 4 colours, 3 shapes, no textures.
/// hard: 96 px or more, 4 to 8 objects, 6 colours, 4 shapes, textures; many of one shape.
enum class SceneLevel : std::uint8_t { easy, hard };
/// held_out (of the hard level): every sentence of a referring or part target is about an object whose pair
/// of colour and shape never occurs in the other splits.
enum class SceneSplit : std::uint8_t { train, val, held_out };

const char* to_string(SceneLevel level);
const char* to_string(SceneSplit split);
/// Raises Error that names the nearest one.
SceneLevel parse_scene_level(std::string_view text);

struct SceneOptions {
  SceneLevel level = SceneLevel::easy;
  std::int64_t size = 0;  // pixels a side, 48 to 2048; 0: the level's
  std::uint64_t seed = 0;
  SceneSplit split = SceneSplit::train;
  bool plain = false;  // referring sentences: all of attributes and sizes, 3 in 10 of positions, no relation
};

struct Scene {
  std::vector<SceneObject> objects{};  // later ones hide earlier ones
  Image image{};
  Sample sample{};  // regions: the objects in order, then the handles in order
};

/// Raises Error for options out of range.
Scene make_scene(const SceneOptions& options, std::uint64_t index);

inline constexpr std::int64_t kClipFrames = 8;
/// The frames of a clip whose objects move or stand still: one sentence an object, the same in each frame.
std::vector<Scene> make_clip(const SceneOptions& options, std::uint64_t index);

/// Whether the hard level's splits train and val leave this pair out.
bool is_held_out(SceneColour colour, SceneShape shape);

/// What a written set says of itself; the shapes are the classes of its semantic label maps.
Manifest scenes_manifest(const SceneOptions& options);

}  // namespace uls
