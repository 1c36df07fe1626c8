// SPDX-License-Identifier: Apache-2.0
// Runs that score themselves.
#include "train/evaluation/run_evaluation.h"

#include <catch2/catch.hpp>

#include "core/autograd/grad_mode.h"
#include "core/tensor/primitives.h"
#include "eval/model_file.h"
#include "eval/run_folder.h"
#include "kernels/loss/mask_loss/mask_loss.h"
#include "tests/train/tiny_runs.h"
#include "train/report/report.h"
#include "train/trainer.h"

namespace uls {
namespace {

using test::require_same;
using test::Runs;

std::vector<Json> lines_of(const std::string& run, const std::string& kind) {
  std::vector<Json> lines;
  for (const Json& line : read_metrics(run))
    if (line.at("kind").as_string() == kind) lines.push_back(line);
  return lines;
}

// The log without what the clock gave.
std::vector<std::string> repeatable(const std::string& run) {
  std::vector<std::string> lines;
  for (const Json& line : read_metrics(run)) {
    Json rest = Json::object();
    for (const JsonMember& member : line.members())
      if (!member.key.starts_with("time/") && member.key != "samples_per_second" && member.key != "seconds" &&
          member.key != "memory_mib")
        rest.set(member.key, member.value);
    lines.push_back(rest.dump());
  }
  return lines;
}

std::vector<std::string> evaluating(const Runs& runs, std::vector<std::string> more = {}) {
  more.insert(more.end(), {"eval.every=3", "eval.sets=[" + (runs / "scenes") + " split=val]", "log_every=5",
                           "eval.max_targets=6", "eval.metric=loss", "ema=0.5"});
  return more;
}

TEST_CASE("evaluation: changes nothing in training, and goes on after a kill as if there had been none") {
  const Runs runs;
  CHECK(Trainer(runs.config("plain", {"ema=0.5", "log_every=5"})).run());
  CHECK(Trainer(runs.config("whole", evaluating(runs))).run());
  const auto at = [&](const std::string& run, std::int64_t step) {
    return read_checkpoint(runs / run + "/checkpoints/" + checkpoint_name(step));
  };
  {
    Checkpoint plain = at("plain", 12), whole = at("whole", 12);
    plain.state.set("scores", Json());
    whole.state.set("scores", Json());
    require_same(plain, whole);
  }
  REQUIRE(lines_of(runs / "whole", "eval").size() == 4);  // 3, 6, 9, 12
  const std::string best = best_checkpoint(runs / "whole/checkpoints");
  for (const std::int64_t from : {4, 8}) {
    const std::string name = fmt::format("cut{}", from);
    test::fs::copy(runs / "whole", runs / name, test::fs::copy_options::recursive);
    test::fs::remove(runs / name + "/checkpoints/best.json");
    for (const std::string& later : checkpoint_names(runs / name + "/checkpoints"))
      if (later > checkpoint_name(from)) test::fs::remove_all(runs / name + "/checkpoints/" + later);
    Trainer again(runs.config(name, evaluating(runs)));
    CHECK(again.step() == from);
    CHECK(again.run());
    require_same(at(name, 12), at("whole", 12));
    CHECK(repeatable(runs / name) == repeatable(runs / "whole"));
    CHECK(test::fs::path(best_checkpoint(runs / name + "/checkpoints")).filename() ==
          test::fs::path(best).filename());
  }
}

TEST_CASE("evaluation: scores are those of the checkpoint in `eval`, losses those of the loader's batches") {
  const Runs runs;
  const TrainConfig config = runs.config(
      "run", evaluating(runs, {"steps=6", "eval.metric=mean_iou", "eval.max_targets=0", "ema=0", "keep=1"}));
  CHECK(config.ema == 0.5);
}

}  // namespace
}  // namespace uls
