// SPDX-License-Identifier: Apache-2.0
#include "train/survive/verify_resume.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/strings.h"
#include "core/tensor/same_bits.h"
#include "train/log/metrics_log.h"
#include "train/survive/fingerprint.h"
#include "train/trainer.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() : path_((fs::temp_directory_path() / "unilseg_verify_XXXXXX").string()) {
    ULS_CHECK(mkdtemp(path_.data()),
              "verify-resume: {} cannot be created; got {}; expected a folder in TMPDIR", path_,
              system_reason());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string first_difference(const NamedTensors& a, const NamedTensors& b) {
  for (const auto& [name, x] : a) {
    const auto other = b.find(name);
    if (other == b.end() || !same_bits(x, other->second)) return name;
  }
  for (const auto& [name, x] : b)
    if (!a.contains(name)) return name;
  return "";
}

bool is_measured(const std::string& key) {
  return key.starts_with("time/") || key == "samples_per_second" || key == "waiting_for_data" ||
         key == "memory_mib" || key == "seconds";
}

Json without_measurements(const Json& line) {
  Json rest = Json::object();
  for (const JsonMember& member : line.members())
    if (!is_measured(member.key)) rest.set(member.key, member.value);
  return rest;
}

Checkpoint last_checkpoint(const TrainConfig& config) {
  return CheckpointFolder(config.run, config.keep).newest().value();
}

}  // namespace

std::string first_difference(const Checkpoint& a, const Checkpoint& b) {
  if (a.step != b.step) return fmt::format("step: {} and {}", a.step, b.step);
  if (const std::string name = first_difference(a.weights, b.weights); !name.empty()) return name;
  if (const std::string name = first_difference(a.training, b.training); !name.empty()) return name;
  for (const std::string& difference : config_differences(a.state, b.state)) return difference;
  return "";
}

std::string first_difference(const std::vector<Json>& a, const std::vector<Json>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    for (const std::string& difference :
         config_differences(without_measurements(a[i]), without_measurements(b[i])))
      return fmt::format("line {} of the log, {}", i + 1, difference);
  return a.size() == b.size() ? "" : fmt::format("lines of the log: {} and {}", a.size(), b.size());
}

std::string verify_resume(TrainConfig config, std::int64_t steps) {
  ULS_CHECK(steps >= 2 && steps <= config.steps,
            "verify-resume: wrong number of steps; got {}; expected 2 to the run's {}", steps, config.steps);
  const TemporaryFolder folder;
  config.log_every = 1;
  config.keep = 1;
  TrainConfig straight = config, resumed = config;
  straight.run = folder.path() + "/straight";
  resumed.run = folder.path() + "/resumed";
  const int threads = num_threads();
  for (const auto& [run, until] :
       {std::pair(&straight, steps), std::pair(&resumed, steps / 2), std::pair(&resumed, steps)}) {
    set_num_threads(threads);  // a trainer leaves some to its loader
    Trainer(*run).run(until);
  }
  set_num_threads(threads);

  const Checkpoint a = last_checkpoint(straight), b = last_checkpoint(resumed);
  const std::vector<Json> log = read_metrics(straight.run);
  std::string difference = first_difference(a, b);
  if (difference.empty()) difference = first_difference(log, read_metrics(resumed.run));
  if (!difference.empty())
    throw DataError(
        fmt::format("verify-resume: {} steps straight and {} + {} with a resume differ; first in {}", steps,
                    steps / 2, steps - steps / 2, difference));
  return fmt::format(
      "verify-resume: {} steps straight and {} + {} with a resume give the same, bit for bit: {} weights and "
      "buffers, {} tensors of the optimizer, the loader's position, {} lines of losses\n",
      steps, steps / 2, steps - steps / 2, a.weights.size(), a.training.size(), log.size());
}

}  // namespace uls
