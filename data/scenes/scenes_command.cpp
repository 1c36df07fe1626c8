// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/scenes_command.h"

#include <memory>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "data/scenes/scene_set.h"

namespace uls {
namespace {

struct Arguments {
  std::string level = "easy", sentences = "all", out{};
  std::int64_t seed = 0;
  SceneSetOptions set{};
};

void run(Arguments arguments) {
  SceneOptions& scene = arguments.set.scene;
  scene.level = parse_scene_level(arguments.level);
  const std::vector<std::string> choices{"all", "plain"};
  ULS_CHECK(arguments.sentences == "all" || arguments.sentences == "plain",
            "scenes: --sentences: unknown word; got '{}'; expected plain or all{}", arguments.sentences,
            did_you_mean(arguments.sentences, choices));
  scene.plain = arguments.sentences == "plain";
  ULS_CHECK(arguments.seed >= 0, "scenes: --seed: wrong value; got {}; expected 0 or more", arguments.seed);
  scene.seed = std::uint64_t(arguments.seed);
  const std::int64_t samples = write_scenes(arguments.set, arguments.out);
  print("{}: {} samples of level {}\n", arguments.out, samples, to_string(scene.level));
}

}  // namespace

Command data_scenes_command() {
  return {"scenes", "generates pictures of shapes with exact truth for every task", [](Options& options) {
            const auto arguments = std::make_shared<Arguments>();
            SceneSetOptions& set = arguments->set;
            options.option("level", arguments->level, "L",
                           "easy (few upright shapes) or hard (many, of more kinds)");
            options.option("count", set.train, "N", "scenes of the split train");
            options.option("val", set.val, "N", "scenes of the split val");
            options.option("held-out", set.held_out, "N",
                           "scenes about pairs of colour and shape that the other splits leave out (hard)");
            options.option("clips", set.clips, "N", "clips of 8 frames for train, a tenth as many for val");
            options.option("size", set.scene.size, "PX", "side of a picture; 0: 64 (easy) or 96 (hard)");
            options.option("seed", arguments->seed, "S", "another seed gives other scenes");
            options.option("sentences", arguments->sentences, "WHICH",
                           "all, or plain: no relations and 3 in 10 of the positions");
            options.option("out", arguments->out, "DIR", "where the set goes", Need::required);
            return [arguments] { run(*arguments); };
          }};
}

}  // namespace uls
