// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint/checkpoint.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "core/io/safetensors.h"
#include "core/io/sha256.h"
#include "tests/core/io_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::Folder;
using test::get;
using test::put;

Checkpoint example(std::int64_t step) {
  return {
      .step = step,
      .config = Json::object({{"model", Json::object({{"embed_dim", 24}})}}),
      .weights = {{"a.weight", test::tensor({2, 2}, {1, 2, 3, float(step)})}, {"b", test::tensor({1}, {7})}},
      .training = {{"mean.a.weight", test::tensor({2, 2}, {0, 0, 1, 0})}},
      .state = Json::object({{"loader", Json::object({{"position", step * 16}})}})};
}

std::vector<std::string> step_names(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : test::fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

// A byte of the file's data, which a header check would not see.
void damage(const std::string& path) {
  std::string bytes = get(path);
  bytes.back() = char(bytes.back() ^ 1);
  put(path, bytes);
}

TEST_CASE("sha256: the standard's own example") {
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const Folder folder;
  put(folder / "f", "abc");
  CHECK(sha256_of_file(folder / "f") == sha256("abc"));
  CHECK(test::error_of([&] { sha256_of_file(folder / "none"); }) ==
        (folder / "none") + ": cannot be opened for reading");
}

TEST_CASE("checkpoint: everything comes back") {
  const Folder folder;
  write_checkpoint(folder / "c", example(5));
  const Checkpoint back = read_checkpoint(folder / "c");
  CHECK(back.step == 5);
  CHECK(back.config == example(5).config);
  CHECK(back.state == example(5).state);
  CHECK(back.weights.size() == 2);
  CHECK(test::same_bits(back.weights.at("a.weight"), example(5).weights.at("a.weight")));
  CHECK(test::same_bits(back.training.at("mean.a.weight"), example(5).training.at("mean.a.weight")));
  CHECK(SafetensorsFile::open(folder / "c/model.safetensors").metadata().at("config") ==
        example(5).config.dump());
  CHECK(folder.names() == std::vector<std::string>{"c"});
}

TEST_CASE("checkpoint: damage, loss and another version are named") {
  const Folder folder;
  const auto error_after = [&](auto harm) {
    test::fs::remove_all(folder / "c");
    write_checkpoint(folder / "c", example(5));
    harm();
    std::string text;
    try {
      read_checkpoint(folder / "c");
    } catch (const DataError& error) {
      text = error.what();
    }
    return text;
  };
  const std::string start = "checkpoint " + (folder / "c") + ": ";
  CHECK(error_after([] {}).empty());
  CHECK(error_after([&] { damage(folder / "c/train.safetensors"); }) ==
        start + "train.safetensors is damaged: its sha256 is not the one in state.json");
  CHECK_THAT(error_after([&] { test::fs::remove(folder / "c/model.safetensors"); }),
             Catch::StartsWith(start + (folder / "c/model.safetensors")));
  CHECK_THAT(error_after([&] { put(folder / "c/state.json", "{"); }), Catch::StartsWith(start));
  CHECK(error_after([&] { put(folder / "c/state.json", R"({"version": 2})"); }) ==
        start + "another version; got 2; expected 1");
}

TEST_CASE("checkpoint: a full disk leaves the earlier ones, and nothing else") {
  const Folder folder;
  CheckpointFolder checkpoints(folder.path(), 2);
  checkpoints.save(example(1), false);
  {
    const test::SizeLimit limit(64);
    CHECK_THAT(test::error_of([&] { checkpoints.save(example(2), false); }),
               Catch::Contains("not written, earlier ones are untouched"));
  }
  CHECK(step_names(folder / "checkpoints") == std::vector<std::string>{"step-00000001"});
  CHECK(checkpoints.newest()->path == folder / "checkpoints/step-00000001");
}

TEST_CASE("checkpoints: the newest and the best stay") {
  const Folder folder;
  CheckpointFolder checkpoints(folder.path(), 2);
  CHECK_FALSE(checkpoints.newest());
  CHECK(checkpoints.best().empty());
  for (std::int64_t step = 1; step <= 6; ++step) checkpoints.save(example(step), step == 2);
  CHECK(step_names(folder / "checkpoints") ==
        std::vector<std::string>{"best.json", "step-00000002", "step-00000005", "step-00000006"});
  CHECK(checkpoints.best() == folder / "checkpoints/step-00000002");
  CHECK(checkpoints.newest()->path == folder / "checkpoints/step-00000006");
}

TEST_CASE("checkpoints: a damaged one is passed over, and all damaged is an error") {
  const Folder folder;
  CheckpointFolder checkpoints(folder.path(), 3);
  for (std::int64_t step = 1; step <= 2; ++step) checkpoints.save(example(step), false);
  damage(folder / "checkpoints/step-00000002/model.safetensors");
  CHECK(checkpoints.newest()->path == folder / "checkpoints/step-00000001");
  CHECK(step_names(folder / "checkpoints") ==
        std::vector<std::string>{"step-00000001", "step-00000002.damaged"});
  checkpoints.save(example(2), false);
  for (const char* step : {"1", "2"})
    damage(folder / "checkpoints/step-0000000" + step + "/model.safetensors");
  CHECK(test::error_of([&] { checkpoints.newest(); }) ==
        "checkpoints: all 2 in " + (folder / "checkpoints") + " are damaged; remove them to start anew");
}

TEST_CASE("checkpoints: what a killed process left unfinished goes away") {
  const Folder folder;
  CheckpointFolder(folder.path(), 1).save(example(1), false);
  test::fs::create_directories(folder / "checkpoints/step-00000002.tmp-123");
  const CheckpointFolder again(folder.path(), 1);
  CHECK(step_names(folder / "checkpoints") == std::vector<std::string>{"step-00000001"});
}

}  // namespace
}  // namespace uls
