// SPDX-License-Identifier: Apache-2.0
// Steps that are not finite: weights of a run are made so large that the next step overflows.
#include "train/replay/replay.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "core/tensor/primitives.h"
#include "tests/support/process.h"
#include "tests/train/tiny_runs.h"
#include "train/trainer.h"

namespace uls {
namespace {

using test::Runs;

// Runs 4 steps, and writes their checkpoint again with `factor` times the weights of one tensor.
void spoil(const Runs& runs, const std::string& run, const std::string& name, double factor,
           const std::vector<std::string>& overrides = {}) {
  Trainer(runs.config(run, overrides)).run(4);
  const std::string path = runs / run + "/checkpoints/step-00000004";
  Checkpoint checkpoint = read_checkpoint(path);
  for (auto& [key, x] : checkpoint.weights) x = clone(x);
  REQUIRE(checkpoint.weights.contains(name));
  scale_(checkpoint.weights.at(name), factor);
  for (auto& [key, x] : checkpoint.training) x = clone(x);
  test::fs::remove_all(path);
  write_checkpoint(path, checkpoint);
}

// In front of the query decoder, and behind it: a product of both is beyond float32.
constexpr const char* kLate = "query_decoder.visual_proj.0.weight";

TEST_CASE("replay: a step that overflows stops the run, is saved, and is finite in float64") {
  const Runs runs;
  spoil(runs, "run", kLate, 1e38);
  const std::string error = test::error_of([&] { Trainer(runs.config("run")).run(); });
  INFO(error);
  CHECK_THAT(error, Catch::StartsWith("train: step 5: not finite; got loss ") &&
                        Catch::Contains("; first in ") &&
                        Catch::Contains("result 0 has a NaN or an infinity") &&
                        Catch::Contains("of " + (runs / "scenes")));
  CHECK(read_checkpoint(runs / "run/checkpoints/step-00000004").step == 4);
  CHECK_FALSE(test::fs::exists(runs / "run/checkpoints/step-00000005"));

  const std::string path = runs / "run/dumps/step-00000005";
  const StepDump dump = read_step_dump(path);
  CHECK(dump.samples.size() == 4);
  CHECK(dump.before.step == 4);
  const Replay narrow = replay_step(dump, DType::float32), wide = replay_step(dump, DType::float64);
  CHECK_FALSE(narrow.is_finite());
  CHECK(narrow.weight.empty());
  CHECK_THAT(error, Catch::Contains(narrow.operation));
  CHECK(wide.is_finite());
  CHECK(wide.operation.empty());
  CHECK(std::isfinite(wide.loss));

  const auto printed = test::run_process({ULS_PROGRAM, "train", "--replay", path});
  INFO(printed.err);
  CHECK(printed.code == 0);
  CHECK_THAT(printed.out, Catch::StartsWith("step 5 of ") &&
                              Catch::Contains("| gradient norm, query_decoder") &&
                              Catch::EndsWith("float64 is finite: the numbers are beyond float32's range\n"));
}

TEST_CASE("replay: a weight that is not finite is named, and float64 does not help") {
  const Runs runs;
  const double infinity = std::numeric_limits<double>::infinity();
  spoil(runs, "run", kLate, infinity);
  const std::string error = test::error_of([&] { Trainer(runs.config("run")).run(); });
  INFO(error);
  CHECK_THAT(error, Catch::Contains(std::string("not finite before the step: ") + kLate + ", element "));
  CHECK_THAT(replay_text(runs / "run/dumps/step-00000005"), Catch::Contains("float64 is not finite either"));
}

TEST_CASE("replay: a finite step is the run's own") {
  const Runs runs;
  Trainer(runs.config("run", {"log_every=1"})).run(4);
  const std::vector<Json> log = read_metrics(runs / "run");
  const LoaderConfig data = runs.config("run").data;
  Loader loader(parse_loader_sets(data.sets), data, Loader::Mode::train);
  loader.next();
  const auto batch = loader.next();
  Trainer(runs.config("first")).run(1);
  const StepDump dump{.before = read_checkpoint(runs / "first/checkpoints/step-00000001"),
                      .micro_batches = {{batch->image, batch->ids, batch->target}}};
  const Replay narrow = replay_step(dump, DType::float32), wide = replay_step(dump, DType::float64);
  CHECK(narrow.loss == log[1].at("loss").as_double());
  CHECK(narrow.gradient_norm == Approx(log[1].at("grad_norm").as_double()));
  CHECK(wide.loss == Approx(narrow.loss).epsilon(1e-4));
  CHECK(wide.gradient_norm == Approx(narrow.gradient_norm).epsilon(1e-3));
}

TEST_CASE("replay: with on_nan=skip nothing changes, and a run without progress ends") {
  const Runs runs;
  const std::vector<std::string> skip{"on_nan=skip", "steps=60", "save_every=10"};
  spoil(runs, "run", kLate, 1e38, skip);
  {
    Trainer trainer(runs.config("run", skip));
    trainer.run(10);
  }
  const Checkpoint before = read_checkpoint(runs / "run/checkpoints/step-00000004"),
                   after = read_checkpoint(runs / "run/checkpoints/step-00000010");
  CHECK(after.state.at("updates").as_int64() == 4);
  for (const auto& [name, x] : before.weights) {
    INFO(name);
    CHECK(same_bits(x, after.weights.at(name)));
  }
  for (const auto& [name, x] : before.training) CHECK(same_bits(x, after.training.at(name)));
  CHECK_THAT(test::error_of([&] { Trainer(runs.config("run", skip)).run(); }),
             Catch::StartsWith("train: step 31: not finite"));
}

TEST_CASE("replay: a dump that is damaged is told") {
  const Runs runs;
  CHECK_THAT(test::error_of([&] { replay_text(runs / "none"); }), Catch::Contains("state.json"));
}

}  // namespace
}  // namespace uls
