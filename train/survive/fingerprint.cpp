// SPDX-License-Identifier: Apache-2.0
#include "train/survive/fingerprint.h"

#include <gnu/libc-version.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/parallel.h"
#include "core/base/processor.h"
#include "core/cli/build_facts.h"
#include "core/io/sha256.h"
#include "data/format/image.h"
#include "data/format/set_digest.h"
#include "kernels/common/library_versions.h"

namespace uls {
namespace {

// Two programs of one version differ while the code is worked on.
const std::string& program_sum() {
  static const std::string sum = sha256_of_file("/proc/self/exe");
  return sum;
}

Json bits() {
  const Processor cpu = processor();
  return Json::object({{"program", fmt::format("{}, sha256 {}", version_line(), program_sum())},
                       {"oneDNN", kernels::onednn_version()},
                       {"OpenCV", opencv_version()},
                       {"C library", gnu_get_libc_version()},
                       {"processor", fmt::format("{} ({})", cpu.model, cpu.vectors)},
                       {"threads", fmt::format("{} ({})", num_threads(), threading_backend())}});
}

std::string text_of(const Json* value) {
  if (!value) return "nothing";
  return value->is_string() ? value->as_string() : value->dump();
}

void add_differences(const std::string& key, const Json* before, const Json* now,
                     std::vector<std::string>& found) {
  if (before && now && before->is_object() && now->is_object()) {
    const std::string start = key.empty() ? "" : key + ".";
    for (const JsonMember& member : before->members())
      add_differences(start + member.key, &member.value, now->find(member.key), found);
    for (const JsonMember& member : now->members())
      if (!before->find(member.key)) add_differences(start + member.key, nullptr, &member.value, found);
  } else if (!before || !now || !(*before == *now)) {
    found.push_back(fmt::format("{}: {}, now {}", key, text_of(before), text_of(now)));
  }
}

}  // namespace

std::vector<std::string> config_differences(const Json& before, const Json& now) {
  std::vector<std::string> found;
  add_differences("", &before, &now, found);
  return found;
}

Json fingerprint(const std::vector<LoaderSet>& sets, const Json& config) {
  Json data = Json::object();
  for (const LoaderSet& set : sets)
    data.set(set.data->path(), fmt::format("{} samples, {} targets, sha256 {}", set.data->size(),
                                           set.data->target_count(), set_digest(set.data->path())));
  return Json::object({{"data", data}, {"config", sha256(config.dump())}, {"bits", bits()}});
}

void check_fingerprint(const Checkpoint& checkpoint, const Json& config, const Json& now) {
  const Json& before = checkpoint.fingerprint;
  for (const std::string& difference : config_differences(before.at("data"), now.at("data")))
    throw DataError(
        fmt::format("train: the data changed since {} was written; got {}; expected the data that the run "
                    "began with, or another folder (run=DIR)",
                    checkpoint.path, difference));
  for (const std::string& difference : config_differences(checkpoint.config, config))
    if (!difference.starts_with("run: ")) log_warning("train: goes on with another config: {}", difference);
  for (const std::string& difference : config_differences(before.at("bits"), now.at("bits")))
    log_warning("train: goes on, but not bit for bit as it would have: {}", difference);
}

}  // namespace uls
