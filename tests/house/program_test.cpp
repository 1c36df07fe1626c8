// SPDX-License-Identifier: Apache-2.0
// The program as users meet it: run as a process, judged by what it prints and its exit code.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/cli/build_facts.h"
#include "core/json/json.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using test::ProcessResult;
using test::run_process;

namespace fs = std::filesystem;

namespace {

ProcessResult unilseg(std::vector<std::string> words, const std::vector<std::string>& environment = {}) {
  words.insert(words.begin(), ULS_PROGRAM);
  return run_process(words, environment);
}

// A user's mistake: exit code 2 and one line on stderr alone.
void require_user_error(const std::vector<std::string>& words, const std::string& line) {
  const ProcessResult result = unilseg(words);
  CHECK(result.code == 2);
  CHECK(result.out.empty());
  CHECK(result.err == "unilseg: error: " + line + "\n");
}

}  // namespace

TEST_CASE("process: output, errors, exit code and environment of a command") {
  const ProcessResult plain = run_process({"sh", "-c", "echo out; echo err >&2; cat; exit 3"});
  CHECK(plain.code == 3);
  CHECK(plain.out == "out\n");
  CHECK(plain.err == "err\n");
  CHECK(run_process({"sh", "-c", "kill -9 $$"}).code == 128 + 9);
  CHECK(run_process({"sh", "-c", "echo $ULS_A$ULS_B"}, {"ULS_B=b"}).out == "b\n");
  CHECK(run_process({"sh", "-c", "head -c 1000000 /dev/zero"}).out.size() == 1'000'000);
}

TEST_CASE("program: --version") {
  const ProcessResult result = unilseg({"--version"});
  CHECK(result.code == 0);
  CHECK(result.out == "unilseg " + version_line() + "\n");
  CHECK(result.err.empty());
}

TEST_CASE("program: doctor reports, as text and as JSON") {
  const fs::path path = fs::temp_directory_path() / ("uls_doctor_" + std::to_string(getpid()) + ".json");
  const ProcessResult result = unilseg({"doctor", "--json", path.string()}, {"ULS_THREADS=1"});
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK_THAT(result.out, Catch::StartsWith("unilseg " + build_facts().version + "\n\nbuild\n"));

  const Json report = read_json_file(path.string());
  fs::remove(path);
  CHECK(report.at("version").as_string() == build_facts().version);
  CHECK(report.at("build").at("compiler").as_string() == build_facts().compiler);
  CHECK_THAT(report.at("machine").at("threads").as_string(), Catch::StartsWith("1 ("));
  CHECK_THAT(report.at("environment").at("ULS_THREADS").as_string(), Catch::StartsWith("1 (default 0)"));
  for (const auto& [section, rows] : report.members()) {
    if (section == "version") continue;
    INFO(section);
    CHECK(rows.size() > 0);
    CHECK_THAT(result.out, Catch::Contains("\n\n" + section + "\n"));
  }
}

TEST_CASE("program: config explain threads") {
  const ProcessResult result = unilseg({"config", "explain", "threads"});
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK_THAT(result.out, Catch::StartsWith("[settings]\nthreads\n  meaning "));
  CHECK_THAT(result.out, Catch::Contains("\n  default   0\n") && Catch::Contains("ULS_THREADS"));
}

TEST_CASE("program: config resolve prints a config that reads back to itself") {
  const fs::path copy = fs::temp_directory_path() / ("uls_resolved_" + std::to_string(getpid()) + ".yaml");
  const std::string configs = ULS_SOURCE_DIR "/configs/";
  if (!build_facts().io) {
    require_user_error({"config", "resolve", configs + "demo.yaml"},
                       configs + "demo.yaml: cannot be read: this build has no YAML (ULS_IO=OFF)");
    return;
  }
  for (const auto& [words, line] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{configs + "demo.yaml", "optimizer.lr=3e-4"}, "\n  lr: 0.0003\n"},
           {{configs + "models/swin_tiny_window7.yaml"}, "\ndepths: [2, 2, 6, 2]\n"}}) {
    std::vector<std::string> all{"config", "resolve"};
    all.insert(all.end(), words.begin(), words.end());
    const ProcessResult first = unilseg(all);
    INFO(first.err);
    CHECK(first.code == 0);
    CHECK_THAT(first.out, Catch::Contains(line));
    std::ofstream(copy) << first.out;
    CHECK(unilseg({"config", "resolve", copy.string()}).out == first.out);
  }
  std::ofstream(copy) << "steps: 3\nstpes: 4\n";
  require_user_error({"config", "resolve", copy.string()},
                     copy.string() + ":2: unknown key 'stpes' (did you mean 'steps'?)");
  std::ofstream(copy) << "model: swin\ndepth: [1]\n";
  require_user_error({"config", "resolve", copy.string()},
                     copy.string() + ":2: unknown key 'depth' (did you mean 'depths'?)");
  fs::remove(copy);
}

TEST_CASE("program: train --fit-batch says which keys to set, and trains nothing") {
  if (!build_facts().io) ULS_SKIP("yaml", "this build has no YAML (ULS_IO=OFF)");
  const std::string config = ULS_SOURCE_DIR "/configs/demo.yaml";
  const ProcessResult fits = unilseg({"train", "--config", config, "--fit-batch"});
  INFO(fits.err);
  CHECK(fits.code == 0);
  CHECK_THAT(fits.out, Catch::EndsWith(" at hand: data.batch=16 accumulate=1 recompute=false\n"));
  const ProcessResult none = unilseg({"train", "--config", config, "--fit-batch"}, {"ULS_MEMORY_LIMIT=1MiB"});
  CHECK(none.code == 2);
  CHECK_THAT(none.err, Catch::StartsWith("unilseg: error: fit-batch: no batch fits; got 1.0 MiB at hand"));
}

TEST_CASE("program: a user's mistake is one line with the nearest name") {
  require_user_error({"doctr"}, "unknown command 'doctr' (did you mean 'doctor'?)");
  require_user_error({"--versoin"}, "unknown option '--versoin' (did you mean '--version'?)");
  require_user_error({"doctor", "--jsn", "x"}, "unknown option '--jsn' (did you mean '--json'?)");
  require_user_error({"config", "explan"}, "unknown command 'explan' (did you mean 'explain'?)");
  require_user_error(
      {"config", "explain", "thread"},
      "config explain: unknown key 'thread' (did you mean 'threads'?); `config explain` lists all");
}

TEST_CASE("program: a build without a tokenizer says so") {
  if (build_facts().io)
    CHECK(unilseg({"tokenize"}).code == 0);
  else
    require_user_error({"tokenize"}, "tokenize: this build has no tokenizer (ULS_IO=OFF)");
}

TEST_CASE("program: variables of the environment") {
  const ProcessResult unknown = unilseg({"config", "explain", "threads"}, {"ULS_THREDS=2"});
  CHECK(unknown.code == 0);
  CHECK_THAT(unknown.err, Catch::Contains("ULS_THREDS: unknown variable (did you mean 'ULS_THREADS'?)"));
  CHECK(std::ranges::count(unknown.err, '\n') == 1);
  const ProcessResult wrong = unilseg({"doctor"}, {"ULS_THREADS=many"});
  CHECK(wrong.code == 2);
  CHECK(wrong.out.empty());
  CHECK_THAT(wrong.err, Catch::Contains("ULS_THREADS") && Catch::Contains("many"));
  CHECK(std::ranges::count(wrong.err, '\n') == 1);
}

TEST_CASE("program: every help page fits a screen") {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"doctor", "--help"},
                                             {"config", "--help"},
                                             {"config", "explain", "--help"},
                                             {"config", "resolve", "--help"},
                                             {"tokenize", "--help"}}) {
    const ProcessResult result = unilseg(words);
    INFO(result.out);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK_THAT(result.out, Catch::StartsWith("usage: unilseg "));
    CHECK(std::ranges::count(result.out, '\n') <= 40);
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
  }
  const ProcessResult nothing = unilseg({});
  CHECK(nothing.code == 2);
  CHECK(nothing.out == unilseg({"--help"}).out);
}
