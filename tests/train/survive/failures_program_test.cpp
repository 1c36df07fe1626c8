// SPDX-License-Identifier: Apache-2.0
// What can go wrong around `unilseg train`: each is one clear line, and nothing is lost.
#include <signal.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>

#include "core/cli/build_facts.h"
#include "tests/support/process.h"
#include "tests/train/tiny_runs.h"
#include "train/trainer.h"

namespace uls {
namespace {

using test::get;
using test::Process;
using test::ProcessResult;
using test::put;
using test::Runs;
namespace fs = test::fs;

constexpr const char* kLast = "/checkpoints/step-00000012";
// Threads of the compute pool, as this test's own.
const std::vector<std::string> kOne{"ULS_THREADS=1"};

std::vector<std::string> words_of(const Runs& runs, const std::string& run,
                                  std::vector<std::string> overrides = {}) {
  overrides.push_back("log_every=1");
  return runs.words(run, overrides);
}

ProcessResult train(const Runs& runs, const std::string& run,
                    const std::vector<std::string>& overrides = {}) {
  return test::run_process(words_of(runs, run, overrides), kOne);
}

// The last line of the log, which tells the error.
std::string error_line(const ProcessResult& result) {
  const std::size_t at = result.err.rfind("unilseg: error: ");
  return at == std::string::npos ? result.err : result.err.substr(at + 16);
}

void require_error(const ProcessResult& result, int code, const std::string& part) {
  CHECK(result.code == code);
  CHECK_THAT(error_line(result), Catch::Contains(part));
  CHECK(std::ranges::count(error_line(result), '\n') == 1);
}

// `last`: the folder of the last checkpoint of a run with these overrides.
void require_ends_as(const Runs& runs, const std::string& whole, const std::string& run,
                     const std::vector<std::string>& overrides = {}, const std::string& last = kLast) {
  const ProcessResult result = train(runs, run, overrides);
  INFO(result.err);
  REQUIRE(result.code == 0);
  test::require_same(read_checkpoint(runs / whole + last), read_checkpoint(runs / run + last));
  CHECK(test::losses(runs / whole) == test::losses(runs / run));
}

// A byte in the middle of the file.
void damage(const std::string& path) {
  std::string bytes = get(path);
  bytes[bytes.size() / 2] = char(bytes[bytes.size() / 2] ^ 1);
  put(path, bytes);
}

TEST_CASE("train: what can go wrong with a run's folder is told, and nothing is lost", "[program]") {
  const Runs runs;
  REQUIRE(train(runs, "whole").code == 0);
  fs::copy(runs / "whole", runs / "cut", fs::copy_options::recursive);
  fs::remove_all(runs / "cut" + kLast);

  SECTION("a full disk") {
    fs::remove_all(runs / "cut/checkpoints/step-00000008");
    std::vector<std::string> words{"sh", "-c", "trap '' XFSZ; ulimit -f 2000; exec \"$@\"", "sh"};
    for (const std::string& word : words_of(runs, "cut")) words.push_back(word);
    require_error(test::run_process(words, kOne), 2, "not written, earlier ones are untouched: write ");
    CHECK(fs::exists(runs / "cut/checkpoints/step-00000004"));
    CHECK(std::distance(fs::directory_iterator(runs / "cut/checkpoints"), {}) == 1);
    require_ends_as(runs, "whole", "cut");
  }
  SECTION("the last checkpoint is damaged") {
    damage(runs / "cut/checkpoints/step-00000008/model.safetensors");
    const ProcessResult result = train(runs, "cut", {"steps=12"});
    CHECK_THAT(result.err, Catch::Contains("model.safetensors is damaged") &&
                               Catch::Contains("goes on after step 4 of "));
    CHECK(fs::exists(runs / "cut/checkpoints/step-00000008.damaged"));
    require_ends_as(runs, "whole", "cut");
  }
  SECTION("all checkpoints are damaged") {
    for (const char* step : {"4", "8"})
      damage(runs / "cut/checkpoints/step-0000000" + step + "/train.safetensors");
    require_error(train(runs, "cut"), 3, "are damaged; remove them to start anew");
    CHECK(fs::exists(runs / "cut/checkpoints/step-00000008"));
  }
  SECTION("the log is damaged, or gone") {
    put(runs / "cut/metrics.jsonl", get(runs / "cut/metrics.jsonl") + "{\"kind\": \"tr\n");
    require_ends_as(runs, "whole", "cut");
    CHECK(fs::exists(runs / "cut/metrics.jsonl.damaged"));
    fs::remove_all(runs / "cut" + kLast);
    fs::remove(runs / "cut/metrics.jsonl");
    const ProcessResult result = train(runs, "cut");
    CHECK(result.code == 0);
    CHECK_THAT(result.err, Catch::Contains("metrics.jsonl: gone; a new log begins after step 8"));
  }
  SECTION("the log cannot be written") {
    fs::remove(runs / "cut/metrics.jsonl");
    fs::create_directory(runs / "cut/metrics.jsonl");
    require_error(train(runs, "cut"), 2, "metrics.jsonl: ");
  }
  SECTION("a file where the folder should be") {
    put(runs / "file", "");
    require_error(train(runs, "file"), 2, "file/checkpoints cannot be created");
  }
}

TEST_CASE("train: what can go wrong with data and config is told", "[program]") {
  const Runs runs;
  const std::string images = runs / "scenes/images";
  SECTION("an image is missing") {
    const std::string lost = fs::directory_iterator(images)->path().string();
    fs::remove(lost);
    const ProcessResult result = train(runs, "run");
    CHECK(result.code == 0);
    CHECK_THAT(result.err, Catch::Contains("warning: loader: bad sample ") && Catch::Contains(lost) &&
                               Catch::Contains("another takes its place"));
    require_error(train(runs, "strict", {"data.most_bad=0"}), 3, "bad targets; the last is sample ");
  }
  SECTION("a set is not there") {
    require_error(train(runs, "run", {"data.sets=[" + (runs / "none") + "]"}), 3, "none: no data set; ");
    fs::remove(runs / "scenes/manifest.json");
    require_error(train(runs, "run"), 3, "it has no manifest.json");
  }
  SECTION("a set changed between two starts, or is gone") {
    REQUIRE(train(runs, "run", {"steps=8", "schedule.kind=constant"}).code == 0);
    const std::string lines = get(runs / "scenes/samples.jsonl");
    std::string other = lines;
    const std::size_t at = other.find("all ");
    REQUIRE(at != std::string::npos);
    other.replace(at, 4, "any ");
    put(runs / "scenes/samples.jsonl", other);
    require_error(train(runs, "run", {"schedule.kind=constant"}), 3,
                  "step-00000008 was written; got " + (runs / "scenes") + ": 15 samples");
    put(runs / "scenes/samples.jsonl", lines);
    fs::rename(runs / "scenes", runs / "moved");
    require_error(train(runs, "run", {"schedule.kind=constant"}), 3, "scenes: no data set; ");
    fs::rename(runs / "moved", runs / "scenes");
    const ProcessResult more =
        test::run_process(words_of(runs, "run", {"schedule.kind=constant"}), {"ULS_THREADS=3"});
    CHECK(more.code == 0);
    CHECK_THAT(more.err, Catch::Contains("goes on with another config: steps: 8, now 12") &&
                             Catch::Contains("not bit for bit as it would have: threads: 1"));
  }
  SECTION("config") {
    require_error(train(runs, "run", {"optimizer.learning_rate=1"}), 2, "learning_rate");
    std::vector<std::string> words = runs.words("run");
    words[3] = runs / "none.yaml";
    require_error(test::run_process(words), 2, "none.yaml");
    require_error(test::run_process({words[0], "train"}), 2, "expected --config F");
  }
}

TEST_CASE("train: signals save and end the run, and the same command goes on", "[program]") {
  // So many that a signal arrives before the last, however late the scheduler lets it.
  const int steps = build_facts().sanitizer == "none" ? 100 : 20;
  const std::vector<std::string> overrides{fmt::format("steps={}", steps), "save_every=1000"};
  const std::string last = fmt::format("/checkpoints/step-{:08}", steps);
  const Runs runs;
  REQUIRE(train(runs, "whole", overrides).code == 0);
  const std::pair<int, int> signals[]{{SIGTERM, 0}, {SIGUSR1, 0}, {SIGINT, 128 + SIGINT}};
  for (const auto& [signal, code] : signals) {
    const std::string run = fmt::format("run{}", signal), log = runs / run + "/metrics.jsonl";
    Process process(words_of(runs, run, overrides), kOne);
    const auto has_begun = [&] { return fs::exists(log) && !get(log).empty(); };
    while (!process.has_ended() && !has_begun()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    process.send(signal);
    const ProcessResult saved = process.wait();
    INFO(saved.err);
    CHECK(saved.code == code);
    CHECK_THAT(saved.err, Catch::Contains(fmt::format("signal {}: saves after step ", signal)));
    CHECK(std::distance(fs::directory_iterator(runs / run + "/checkpoints"), {}) == 1);
    CHECK_FALSE(fs::exists(runs / run + last));
    require_ends_as(runs, "whole", run, overrides, last);
  }
}

}  // namespace
}  // namespace uls
