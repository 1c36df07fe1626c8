// SPDX-License-Identifier: Apache-2.0
// `unilseg train`, killed without warning again and again.
#include <signal.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <thread>

#include "core/base/stopwatch.h"
#include "core/cli/build_facts.h"
#include "tests/support/process.h"
#include "tests/train/tiny_runs.h"

namespace uls {
namespace {

using test::get;
using test::Process;
using test::Runs;
namespace fs = test::fs;

constexpr std::int64_t kSteps = 60;
constexpr int kKills = 20;
const std::vector<std::string> kOverrides{"steps=60", "save_every=2", "log_every=1", "keep=2", "ema=0.9"};
// Two for the compute pool, one for the loader.
const std::vector<std::string> kThreads{"ULS_THREADS=3", "ULS_LOG=warning"};

std::int64_t logged_steps(const std::string& run) {
  return fs::exists(run + "/metrics.jsonl") ? std::ranges::count(get(run + "/metrics.jsonl"), '\n') : 0;
}

bool writes_checkpoint(const std::string& run) {
  std::error_code gone;  // the folder changes while it is read
  for (const auto& entry : fs::directory_iterator(run + "/checkpoints", gone))
    if (entry.path().filename().string().find(".tmp-") != std::string::npos) return true;
  return false;
}

template <typename Condition>
void wait_until(Process& process, Condition condition) {
  while (!process.has_ended() && !condition()) std::this_thread::sleep_for(std::chrono::microseconds(100));
}

std::string all_losses(const std::string& run) {
  std::string text;
  for (const Json& line : read_metrics(run))
    text += fmt::format("{} {} {}\n", line.at("step").as_int64(), line.at("loss").dump(),
                        line.at("grad_norm").dump());
  return text;
}

TEST_CASE("train: killed at 20 random moments, the run ends as the uninterrupted one, bit for bit",
          "[program]") {
  if (build_facts().sanitizer != "none") ULS_SKIP("time", "too slow under a sanitizer");
  const Runs runs;
  const std::string whole = runs / "whole", killed = runs / "killed";
  const Stopwatch watch;
  {
    const auto result = test::run_process(runs.words("whole", kOverrides), kThreads);
    INFO(result.err);
    REQUIRE(result.code == 0);
  }
  const int step_us = int(1e6 * watch.seconds() / double(kSteps));
  std::mt19937 random(20);
  int kills = 0, while_writing = 0;
  for (int i = 0; i < kKills; ++i) {
    Process process(runs.words("killed", kOverrides), kThreads);
    // Spread over the run; half of them as soon as a checkpoint is being written, the others anywhere. The
    // last third is for a blow that comes late.
    const std::int64_t step = 1 + i * (kSteps * 2 / 3) / kKills;
    wait_until(process, [&] { return logged_steps(killed) >= step; });
    if (i % 2) wait_until(process, [&] { return writes_checkpoint(killed); });
    const int most = i % 2 ? step_us / 2 : 5 * step_us;
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution(0, most)(random)));
    process.send(SIGKILL);
    const auto result = process.wait();
    INFO(result.err);
    REQUIRE((result.code == 128 + SIGKILL || result.code == 0));
    kills += result.code != 0;
    while_writing += writes_checkpoint(killed);
  }
  std::printf("%d kills, %d of them while a checkpoint was written\n", kills, while_writing);
  CHECK(kills == kKills);
  CHECK(while_writing > 0);
  const auto result = test::run_process(runs.words("killed", kOverrides), kThreads);
  INFO(result.err);
  REQUIRE(result.code == 0);
  const std::string last = fmt::format("/checkpoints/step-{:08}", kSteps);
  test::require_same(read_checkpoint(whole + last), read_checkpoint(killed + last));
  CHECK(logged_steps(whole) == kSteps);
  CHECK(all_losses(whole) == all_losses(killed));
}

}  // namespace
}  // namespace uls
