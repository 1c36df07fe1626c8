// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/io/at_place.h"
#include "core/io/atomic_file.h"
#include "core/io/safetensors.h"
#include "core/io/sha256.h"
#include "models/weights.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModel = "model.safetensors";
constexpr const char* kTraining = "train.safetensors";
constexpr const char* kState = "state.json";
constexpr std::int64_t kVersion = 1;

// The names in a folder, and its own, reach the disk.
void flush_whole_folder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool flushed = folder >= 0 && flush_folder(folder);
  const std::string reason = system_reason();
  if (folder >= 0) close(folder);
  ULS_CHECK(flushed, "checkpoint {}: cannot be flushed; got {}; expected a sound disk", path, reason);
}

void write_tensors(const std::string& path, const NamedTensors& tensors,
                   const std::map<std::string, std::string>& metadata) {
  write_safetensors(path, {tensors.begin(), tensors.end()}, metadata);
}

void fill_folder(const std::string& folder, const Checkpoint& checkpoint) {
  write_tensors(folder + "/" + kModel, checkpoint.weights, {{"config", checkpoint.config.dump()}});
  write_tensors(folder + "/" + kTraining, checkpoint.training, {});
  Json sums = Json::object();
  for (const char* name : {kModel, kTraining}) sums.set(name, sha256_of_file(folder + "/" + name));
  const Json state = Json::object({{"version", kVersion},
                                   {"step", checkpoint.step},
                                   {"sha256", sums},
                                   {"fingerprint", checkpoint.fingerprint},
                                   {"config", checkpoint.config},
                                   {"state", checkpoint.state}});
  write_atomically(folder + "/" + kState, state.dump(2) + "\n");
  flush_whole_folder(folder);
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  ULS_CHECK(!fs::exists(path), "checkpoint {}: is there already; expected a new name", path);
  const std::string aside = fmt::format("{}.tmp-{}", path, getpid());
  try {
    fs::create_directories(aside);
    fill_folder(aside, checkpoint);
    fs::rename(aside, path);
  } catch (const std::exception& error) {
    std::error_code ignored;  // the first error is the one to tell
    fs::remove_all(aside, ignored);
    fail("checkpoint {}: not written, earlier ones are untouched: {}", path, error.what());
  }
  flush_whole_folder(fs::path(path).parent_path().string());
}

Checkpoint read_checkpoint(const std::string& path) {
  return at_place("checkpoint " + path, [&]() -> Checkpoint {
    const Json state = read_json_file(path + "/" + kState);
    ULS_CHECK(state.at("version").as_int64() == kVersion, "another version; got {}; expected {}",
              state.at("version").as_int64(), kVersion);
    for (const JsonMember& sum : state.at("sha256").members())
      ULS_CHECK(sha256_of_file(path + "/" + sum.key) == sum.value.as_string(),
                "{} is damaged: its sha256 is not the one in {}", sum.key, kState);
    return {.path = path,
            .step = state.at("step").as_int64(),
            .config = state.at("config"),
            .weights = read_tensors(path + "/" + kModel),
            .training = read_tensors(path + "/" + kTraining),
            .state = state.at("state"),
            .fingerprint = state.at("fingerprint")};
  });
}

}  // namespace uls
