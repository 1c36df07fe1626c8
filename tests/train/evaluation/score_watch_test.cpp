// SPDX-License-Identifier: Apache-2.0
#include "train/evaluation/score_watch.h"

#include <catch2/catch.hpp>

#include <cmath>

namespace uls {
namespace {

TEST_CASE("score watch: better, equal, worse and undefined scores, until patience ends") {
  ScoreWatch watch(EvalConfig{.patience = 3});
  CHECK(watch.text() == "none yet");
  CHECK_FALSE(watch.add(10, std::nan("")));
  CHECK(watch.add(20, 0.5));
  CHECK_FALSE(watch.add(30, 0.5));
  CHECK(watch.add(40, 0.6));
  CHECK_FALSE(watch.add(50, 0.55));
  CHECK_FALSE(watch.add(60, std::nan("")));
  CHECK_FALSE(watch.out_of_patience());
  CHECK(watch.text() == "iou 0.6000 of step 40");

  ScoreWatch again(EvalConfig{.patience = 3});
  again.restore(watch.state());
  CHECK(again.state() == watch.state());
  CHECK_FALSE(again.add(70, 0.59));
  CHECK(again.out_of_patience());
  CHECK(again.best_step() == 40);

  ScoreWatch endless(EvalConfig{});
  for (int i = 0; i < 100; ++i) endless.add(i, 0);
  CHECK_FALSE(endless.out_of_patience());
}

TEST_CASE("score watch: of losses the smaller is better, and another metric begins anew") {
  ScoreWatch losses(EvalConfig{.metric = "loss/referring"});
  CHECK(losses.add(1, 0.9));
  CHECK_FALSE(losses.add(2, 1.0));
  CHECK(losses.add(3, 0.8));
  ScoreWatch other(EvalConfig{.metric = "iou"});
  other.restore(losses.state());
  CHECK(other.best_step() == 0);
  CHECK(other.add(4, 0.1));
}

}  // namespace
}  // namespace uls
