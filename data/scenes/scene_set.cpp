// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/scene_set.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "data/format/dataset_writer.h"
#include "data/scenes/scene_level.h"

namespace uls {
namespace {

constexpr std::int64_t kBlock = 256;  // samples in memory at a time

// A stretch of the set: `count` samples of one kind, in order.
struct Stretch {
  SceneSplit split;
  bool clips;
  std::int64_t count;
};

struct Made {
  Sample sample;
  std::string png;
};

Made make(const SceneOptions& options, bool clip, std::int64_t number) {
  if (!clip) {
    Scene scene = make_scene(options, std::uint64_t(number));
    return {std::move(scene.sample), encode_png(scene.image)};
  }
  Scene frame =
      std::move(make_clip(options, std::uint64_t(number / kClipFrames))[std::size_t(number % kClipFrames)]);
  return {std::move(frame.sample), encode_png(frame.image)};
}

std::vector<Stretch> stretches_of(const SceneSetOptions& options) {
  const std::int64_t val_clips = options.val > 0 ? (options.clips + 9) / 10 : 0;
  return {{SceneSplit::train, false, options.train},
          {SceneSplit::val, false, options.val},
          {SceneSplit::held_out, false, options.held_out},
          {SceneSplit::train, true, options.clips * kClipFrames},
          {SceneSplit::val, true, val_clips * kClipFrames}};
}

}  // namespace

std::int64_t write_scenes(const SceneSetOptions& options, const std::string& path) {
  for (const std::int64_t count : {options.train, options.val, options.held_out, options.clips})
    ULS_CHECK(count >= 0 && count <= 10'000'000, "scenes: wrong count; got {}; expected 0 to 10000000",
              count);
  ULS_CHECK(options.train + options.val + options.held_out + options.clips > 0,
            "scenes: nothing to make; got 0 scenes and 0 clips");
  ULS_CHECK(options.held_out == 0 || rules_of(options.scene.level).holds_out,
            "scenes: the level {} holds no pairs out; expected hard", to_string(options.scene.level));
  Manifest manifest = scenes_manifest(options.scene);
  // An interrupted set goes on only with the same numbers.
  manifest.source += fmt::format(", scenes {}, val {}, held-out {}, clips {}", options.train, options.val,
                                 options.held_out, options.clips);
  DatasetWriter writer(path, manifest);
  std::int64_t skip = writer.done(), total = 0;
  for (const Stretch& stretch : stretches_of(options)) {
    total += stretch.count;
    SceneOptions scene = options.scene;
    scene.split = stretch.split;
    std::int64_t begin =
        std::min(std::exchange(skip, std::max<std::int64_t>(0, skip - stretch.count)), stretch.count);
    for (; begin < stretch.count; begin += kBlock) {
      std::vector<Made> made(std::size_t(std::min(kBlock, stretch.count - begin)));
      parallel_for(0, std::int64_t(made.size()), 4, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i)
          made[std::size_t(i)] = make(scene, stretch.clips, begin + i);
      });
      for (const Made& one : made) {
        writer.add_file(one.sample.image, one.png);
        writer.add(one.sample);
      }
    }
  }
  ULS_ASSERT(skip == 0, "{} holds {} samples too many", path, skip);
  writer.finish();
  return total;
}

}  // namespace uls
