// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/scene.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "data/scenes/scene_draws.h"
#include "data/scenes/scene_layout.h"
#include "data/scenes/scene_level.h"
#include "data/scenes/scene_sentences.h"

namespace uls {
namespace {

constexpr std::array kShapeNames{"circle", "square", "triangle", "star"};
constexpr std::array kColourNames{"red", "green", "blue", "yellow", "purple", "orange"};
constexpr std::array kSizeNames{"small", "large"};
constexpr std::array kTextureNames{"plain", "striped", "dotted"};
constexpr std::array kLevelNames{"easy", "hard"};
constexpr std::array kSplitNames{"train", "val", "held_out"};

// Draws of their own for each level, split and form, and for the picture besides the layout.
SceneDraws draws_of(const SceneOptions& options, bool clip, bool picture, std::uint64_t index) {
  const std::uint32_t stream = std::uint32_t(options.level) | std::uint32_t(options.split) << 1 |
                               std::uint32_t(clip) << 3 | std::uint32_t(picture) << 4;
  return {options.seed, stream, index};
}

Rle mask_of(const SceneOwners& owners, std::int64_t size, std::uint8_t low, std::uint8_t high) {
  std::vector<std::uint8_t> mask(owners.size());
  std::ranges::transform(owners, mask.begin(),
                         [&](std::uint8_t owner) { return std::uint8_t(owner >= low && owner <= high); });
  return encode_mask(mask, size, size);
}

std::vector<Region> regions_of(const SceneLayout& layout, std::int64_t size) {
  std::vector<Region> regions;
  for (std::size_t i = 0; i < layout.objects.size(); ++i) {
    const SceneObject& object = layout.objects[i];
    const auto body = std::uint8_t(2 * i + 1), handle = std::uint8_t(2 * i + 2);
    Json source = Json::object({{"object", std::int64_t(i)},
                                {"shape", to_string(object.shape)},
                                {"colour", to_string(object.colour)},
                                {"size", to_string(object.size)}});
    if (object.texture != SceneTexture::plain) source.set("texture", to_string(object.texture));
    regions.push_back({mask_of(layout.owners, size, body, handle), "", std::move(source)});
  }
  for (std::size_t i = 0; i < layout.objects.size(); ++i) {
    if (layout.objects[i].handle_area == 0) continue;
    const auto handle = std::uint8_t(2 * i + 2);
    regions.push_back({mask_of(layout.owners, size, handle, handle), "",
                       Json::object({{"object", std::int64_t(i)}, {"part", "handle"}})});
  }
  return regions;
}

std::int32_t handle_region(const std::vector<SceneObject>& objects, int of) {
  std::size_t region = objects.size();
  for (int i = 0; i < of; ++i) region += objects[std::size_t(i)].handle_area > 0;
  return std::int32_t(region);
}

Target target_of(const SceneSentence& sentence, const std::vector<SceneObject>& objects,
                 const std::string& id) {
  Target target{.id = id, .texts = sentence.texts, .task = sentence.task, .kind = sentence.kind};
  for (const int i : sentence.objects)
    target.regions.push_back(sentence.phrase.handle ? handle_region(objects, i) : i);
  const bool selects =
      sentence.task == Task::referring || sentence.task == Task::part || sentence.task == Task::video;
  target.granularity = selects ? Granularity::fine : Granularity::coarse;
  if (sentence.kind == "shape") target.category = std::int32_t(*sentence.phrase.noun.shape);
  return target;
}

Scene scene_of(const SceneOptions& options, const SceneLayout& layout, const std::string& id,
               const std::vector<SceneSentence>& sentences, const SceneDraws& picture) {
  const std::int64_t size = scene_size(options);
  Scene scene{layout.objects, paint_picture(layout.objects, size, picture), {}};
  scene.sample = {.id = id,
                  .image = "images/" + id + ".png",
                  .height = size,
                  .width = size,
                  .split = to_string(options.split),
                  .regions = regions_of(layout, size)};
  for (std::size_t t = 0; t < sentences.size(); ++t)
    scene.sample.targets.push_back(target_of(sentences[t], layout.objects, fmt::format("{}.{}", id, t)));
  return scene;
}

}  // namespace

const char* to_string(SceneShape shape) { return kShapeNames[std::size_t(shape)]; }
const char* to_string(SceneColour colour) { return kColourNames[std::size_t(colour)]; }
const char* to_string(SceneSize size) { return kSizeNames[std::size_t(size)]; }
const char* to_string(SceneTexture texture) { return kTextureNames[std::size_t(texture)]; }
const char* to_string(SceneLevel level) { return kLevelNames[std::size_t(level)]; }
const char* to_string(SceneSplit split) { return kSplitNames[std::size_t(split)]; }

SceneLevel parse_scene_level(std::string_view text) {
  const auto found = std::ranges::find(kLevelNames, text);
  ULS_CHECK(found != kLevelNames.end(), "scenes: unknown level; got '{}'; expected easy or hard{}", text,
            did_you_mean(text, {kLevelNames.begin(), kLevelNames.end()}));
  return SceneLevel(found - kLevelNames.begin());
}

// One shape of each colour, every shape at least once.
bool is_held_out(SceneColour colour, SceneShape shape) { return int(colour) % kSceneShapes == int(shape); }

Scene make_scene(const SceneOptions& options, std::uint64_t index) {
  SceneDraws draws = draws_of(options, false, false, index);
  const std::vector<SceneLayout> layouts = lay_out(options, 1, draws);
  const auto sentences = scene_sentences(options, layouts[0].objects, draws);
  return scene_of(options, layouts[0], fmt::format("{}-{:07}", to_string(options.split), index), sentences,
                  draws_of(options, false, true, index));
}

std::vector<Scene> make_clip(const SceneOptions& options, std::uint64_t index) {
  SceneDraws draws = draws_of(options, true, false, index);
  const std::vector<SceneLayout> layouts = lay_out(options, int(kClipFrames), draws);
  const auto sentences = clip_sentences(options, layouts[0].objects, draws);
  const std::string video = fmt::format("{}-clip-{:07}", to_string(options.split), index);
  std::vector<Scene> frames;
  for (std::size_t f = 0; f < layouts.size(); ++f) {
    frames.push_back(scene_of(options, layouts[f], fmt::format("{}-{:02}", video, f), sentences,
                              draws_of(options, true, true, index)));
    frames.back().sample.video = video;
    frames.back().sample.frame = std::int64_t(f);
  }
  return frames;
}

Manifest scenes_manifest(const SceneOptions& options) {
  Manifest manifest{.name = fmt::format("scenes-{}", to_string(options.level)),
                    .source = fmt::format("unilseg data scenes, level {}, {} px, seed {}, sentences {}",
                                          to_string(options.level), scene_size(options), options.seed,
                                          options.plain ? "plain" : "all"),
                    .licence = "Apache-2.0"};
  ClassList& shapes = manifest.class_lists[Task::semantic];
  for (int s = 0; s < rules_of(options.level).shapes; ++s) {
    shapes.names.push_back(to_string(SceneShape(s)));
    shapes.values.push_back(s + 1);
  }
  shapes.background = 0;
  return manifest;
}

}  // namespace uls
