// SPDX-License-Identifier: Apache-2.0
// Whole runs of a tiny model on generated scenes.
#include "train/trainer.h"

#include <catch2/catch.hpp>

#include "tests/support/support.h"
#include "tests/train/tiny_runs.h"
#include "train/checkpoint/checkpoint.h"

namespace uls {
namespace {

using test::losses;
using test::require_same;
using test::Runs;

TEST_CASE("trainer: a run that goes on from a checkpoint ends as the uninterrupted one, bit for bit") {
  const Runs runs;
  {
    Trainer whole(runs.config("whole"));
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
    Trainer again(runs.config(name));
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

TEST_CASE("train config: sections that contradict each other are told with the file") {
  const Runs runs;
  const auto error = [&](const std::string& assignment) {
    return test::error_of([&] { runs.config("run", {assignment}); });
  };
  const std::string file = runs / "tiny.yaml";
  CHECK(error("data.word_len=17") ==
        file + ": data.word_len and model.word_len differ; got 17 and 12; expected one length");
  CHECK(error("loss.layer_weights=[1]") ==
        file + ": loss.layer_weights: wrong number; got 1; expected model.num_dec = 2, or none");
  CHECK_THAT(error("optimizer.kind=adamm"), Catch::Contains("did you mean 'adamw'?"));
}

}  // namespace
}  // namespace uls
