// SPDX-License-Identifier: Apache-2.0
#include "train/survive/fingerprint.h"

#include <catch2/catch.hpp>

#include "core/base/parallel.h"
#include "data/format/set_digest.h"
#include "tests/train/tiny_runs.h"
#include "train/trainer.h"

namespace uls {
namespace {

using test::Runs;

TEST_CASE("fingerprint: a checkpoint tells its data, config, program, libraries, processor and threads") {
  const Runs runs;
  CHECK(Trainer(runs.config("run", {"steps=1"})).run());
  const Json found = read_checkpoint(runs / "run/checkpoints/step-00000001").fingerprint;
  CHECK_THAT(found.at("data").at(runs / "scenes").as_string(),
             Catch::StartsWith("15 samples, ") && Catch::EndsWith(set_digest(runs / "scenes")));
  CHECK(found.at("config").as_string().size() == 64);
  std::vector<std::string> keys;
  for (const JsonMember& member : found.at("bits").members()) keys.push_back(member.key);
  CHECK(keys == std::vector<std::string>{"program", "oneDNN", "OpenCV", "C library", "processor", "threads"});
  CHECK_THAT(found.at("bits").at("threads").as_string(), Catch::StartsWith(std::to_string(num_threads())));
}

TEST_CASE("fingerprint: the digest of a set follows its samples and its manifest") {
  const Runs runs;
  const std::string before = set_digest(runs / "scenes");
  CHECK(before == set_digest(runs / "scenes"));
  for (const char* file : {"scenes/manifest.json", "scenes/samples.jsonl"}) {
    const std::string text = test::get(runs / file);
    test::put(runs / file, text + " ");
    CHECK(set_digest(runs / "scenes") != before);
    test::put(runs / file, text);
  }
  CHECK(set_digest(runs / "scenes") == before);
}

TEST_CASE("fingerprint: differences of configs are told by their keys") {
  const Json a = Json::object({{"steps", 8}, {"data", Json::object({{"sets", Json::array({"x"})}})}});
  const Json b =
      Json::object({{"steps", 9}, {"data", Json::object({{"sets", Json::array({"x"})}, {"seed", 1}})}});
  CHECK(config_differences(a, a).empty());
  CHECK(config_differences(a, b) == std::vector<std::string>{"steps: 8, now 9", "data.seed: nothing, now 1"});
}

}  // namespace
}  // namespace uls
