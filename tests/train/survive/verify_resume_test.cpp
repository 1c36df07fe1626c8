// SPDX-License-Identifier: Apache-2.0
#include "train/survive/verify_resume.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "core/tensor/primitives.h"
#include "tests/train/tiny_runs.h"

namespace uls {
namespace {

using test::Runs;

TEST_CASE("verify resume: a run that stops in the middle is compared with a straight one") {
  const Runs runs;
  const std::string text = verify_resume(runs.config("run", {"ema=0.9", "optimizer.kind=adam"}), 5);
  CHECK_THAT(text, Catch::Contains("5 steps straight and 2 + 3 with a resume give the same, bit for bit") &&
                       Catch::Contains(", 5 lines of losses"));
  CHECK_FALSE(test::fs::exists(runs / "run"));
  CHECK_THAT(test::error_of([&] { verify_resume(runs.config("run"), 13); }),
             Catch::Contains("got 13; expected 2 to the run's 12"));
}

Checkpoint example() {
  return {.step = 2,
          .weights = {{"a", full({2}, 1)}, {"b", full({1}, 2)}},
          .training = {{"mean.a", full({2}, 3)}},
          .state = Json::object({{"updates", 2}})};
}

TEST_CASE("verify resume: the first difference is named") {
  CHECK(first_difference(example(), example()).empty());
  Checkpoint other = example();
  other.weights["b"] = full({1}, std::nextafter(2.0f, 3.0f));
  CHECK(first_difference(example(), other) == "b");
  other = example();
  other.training.erase("mean.a");
  CHECK(first_difference(example(), other) == "mean.a");
  CHECK(first_difference(other, example()) == "mean.a");
  other = example();
  other.state.set("updates", 1);
  CHECK(first_difference(example(), other) == "updates: 2, now 1");

  const auto line = [](double loss, double seconds) {
    return Json::object({{"kind", "train"}, {"step", 1}, {"loss", loss}, {"time/step", seconds}});
  };
  CHECK(first_difference({line(1, 2)}, {line(1, 3)}).empty());
  CHECK(first_difference({line(1, 2)}, {line(1.5, 2)}) == "line 1 of the log, loss: 1.0, now 1.5");
  CHECK(first_difference({line(1, 2)}, {}) == "lines of the log: 1 and 0");
}

}  // namespace
}  // namespace uls
