// SPDX-License-Identifier: Apache-2.0
#include "train/config/same_run.h"

#include <catch2/catch.hpp>

#include "train/config/train_config.h"

namespace uls {
namespace {

TEST_CASE("same run: threads, rhythm and patience may change, what is trained may not") {
  const auto resolved = [](const std::string& assignment) {
    TrainConfig config;
    if (!assignment.empty()) train_table().set(config, assignment);
    return train_table().to_json(config);
  };
  const Json before = resolved("");
  for (const char* free : {"", "data.threads=3", "data.prefetch=7", "data.most_bad=1", "steps=9", "keep=4",
                           "log_every=1", "run=elsewhere"})
    CHECK(same_run(before, resolved(free)));
  for (const char* bound : {"data.batch=3", "data.seed=5", "data.word_len=20", "data.sets=[a]",
                            "data.transform.size=64", "model.d_model=8", "optimizer.lr=1",
                            "schedule.warm_up=5", "loss.dice=2", "seed=4", "accumulate=2", "ema=0.5"})
    CHECK_FALSE(same_run(before, resolved(bound)));
}

}  // namespace
}  // namespace uls
