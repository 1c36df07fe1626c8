// SPDX-License-Identifier: Apache-2.0
// Whole runs of a tiny model on generated scenes.
#include "train/trainer.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/support/support.h"
#include "tests/train/tiny_runs.h"
#include "train/checkpoint/checkpoint.h"

namespace uls {
namespace {

using test::losses;
using test::require_same;
using test::Runs;

TEST_CASE("trainer: a run that goes on from a checkpoint ends as the uninterrupted one, bit for bit") {
  const auto overrides = GENERATE(values<std::vector<std::string>>(
      {{},
       {"optimizer.kind=adam", "accumulate=3", "ema=0.8", "data.batch=2"},
       {"optimizer.kind=sgd", "optimizer.lr=0.1", "optimizer.nesterov=true", "ema=0.9"}}));
  const Runs runs;
  {
    Trainer whole(runs.config("whole", overrides));
    CHECK(whole.step() == 0);
    CHECK(whole.run());
    CHECK(whole.step() == 12);
  }
  CHECK(losses(runs / "whole").size() == 6);
  const std::string last = "/checkpoints/step-00000012";
  for (const char* from : {"4", "8"}) {
    // What a kill after the checkpoint would have left.
    const std::string name = std::string("cut") + from;
    test::fs::copy(runs / "whole", runs / name, test::fs::copy_options::recursive);
    for (std::int64_t step = std::stoll(from) + 4; step <= 12; step += 4)
      test::fs::remove_all(runs / name + fmt::format("/checkpoints/step-{:08}", step));
    Trainer again(runs.config(name, overrides));
    CHECK(again.step() == std::stoll(from));
    CHECK(again.run());
    require_same(read_checkpoint(runs / name + last), read_checkpoint(runs / "whole" + last));
    CHECK(losses(runs / name) == losses(runs / "whole"));
  }
}

TEST_CASE("trainer: more steps may follow, another model or other data may not") {
  const Runs runs;
  CHECK(Trainer(runs.config("run", {"steps=4", "schedule.kind=constant"})).run());
  {
    Trainer longer(
        runs.config("run", {"steps=6", "schedule.kind=constant", "data.prefetch=1", "data.threads=0"}));
    CHECK(longer.step() == 4);
    CHECK(longer.run());
  }
  CHECK_THAT(test::error_of([&] { Trainer(runs.config("run", {"steps=6"})); }),
             Catch::Contains("was written with another configuration"));
  CHECK_THAT(test::error_of([&] {
               Trainer(runs.config("run", {"schedule.kind=constant", "model.query_ffn=24"}));
             }),
             Catch::Contains("was written with another configuration"));
}

TEST_CASE("trainer: init takes weights of a run, and of one tower by its prefix") {
  const Runs runs;
  CHECK(Trainer(runs.config("first", {"steps=4"})).run());
  const std::string weights = runs / "first/checkpoints/step-00000004/model.safetensors";
  CHECK(Trainer(runs.config("second", {"steps=1", "init=[" + weights + "]"})).step() == 0);
  CHECK_THAT(test::error_of([&] { Trainer(runs.config("third", {"init=[" + weights + "=backbone]"})); }),
             Catch::Contains("has nothing for the model"));
}

TEST_CASE("trainer: the log has the loss of each task, whatever its weight in the step's") {
  const Runs runs;
  CHECK(Trainer(runs.config("equal", {"steps=2"})).run());
  CHECK(Trainer(runs.config("half", {"steps=2", "optimizer.lr=0",
                                     "loss.task_weights=[referring=0.5, semantic=0.5, part=0.5, salient=0.5, "
                                     "video=0.5, open_vocabulary=0.5]"}))
            .run());
  CHECK(Trainer(runs.config("still", {"steps=2", "optimizer.lr=0"})).run());
  const Json equal = read_metrics(runs / "equal")[0], half = read_metrics(runs / "half")[0],
             still = read_metrics(runs / "still")[0];
  double least = 1e9, most = 0;
  for (const JsonMember& member : equal.members())
    if (member.key.starts_with("loss/")) {
      least = std::min(least, member.value.as_double());
      most = std::max(most, member.value.as_double());
    }
  CHECK(least < most);
  CHECK(equal.at("loss").as_double() > least);
  CHECK(equal.at("loss").as_double() < most);
  CHECK(half.at("loss").as_double() == Approx(still.at("loss").as_double() / 2).epsilon(1e-6));
  for (const JsonMember& member : still.members())
    if (member.key.starts_with("loss/"))
      CHECK(half.at(member.key).as_double() == Approx(member.value.as_double()).epsilon(1e-6));
}

TEST_CASE("train config: sections that contradict each other are told with the file") {
  const Runs runs;
  const auto error = [&](const std::string& assignment) {
    return test::error_of([&] { runs.config("run", {assignment}); });
  };
  const std::string file = runs / "tiny.yaml";
  CHECK(error("data.word_len=17") ==
        file + ": data.word_len and model.word_len differ; got 17 and 12; expected one length");
  CHECK(test::error_of([&] {
          runs.config("run", {"optimizer.nesterov=true", "optimizer.momentum=0"});
        }) == file + ": optimizer.nesterov needs momentum; got momentum 0; expected above 0");
  CHECK_THAT(error("loss.task_weights=[part]"), Catch::StartsWith("loss.task_weights: no weight of a task"));
  CHECK(error("loss.layer_weights=[1]") ==
        file + ": loss.layer_weights: wrong number; got 1; expected model.num_dec = 2, or none");
  CHECK_THAT(error("optimizer.kind=adamm"), Catch::Contains("did you mean 'adamw'?"));
}

}  // namespace
}  // namespace uls
