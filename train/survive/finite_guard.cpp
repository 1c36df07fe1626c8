// SPDX-License-Identifier: Apache-2.0
#include "train/survive/finite_guard.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/strings.h"
#include "train/replay/replay.h"

namespace uls {
namespace {

// What was found and where it lies; where the disk does not take the dump, why not.
std::string saved(const std::string& run, const StepDump& dump) {
  std::string path;
  try {
    path = write_step_dump(run, dump);
  } catch (const Error& error) {
    return fmt::format("the step could not be saved: {}", error.what());
  }
  const Replay replay = replay_step(read_step_dump(path), DType::float32);
  std::string text = "computed again, it is finite";
  if (!replay.operation.empty()) text = "first in " + replay.operation;
  if (!replay.weight.empty()) text += "; not finite before the step: " + replay.weight;
  if (!replay.gradient.empty()) text += "; first gradient of the model: " + replay.gradient;
  return fmt::format("{}; saved in {} (unilseg train --replay {}); the last checkpoint is untouched", text,
                     path, path);
}

}  // namespace

void FiniteGuard::check(const StepResult& result, const std::vector<TrainingBatch>& micro_batches,
                        const std::vector<BatchItem>& items, const std::function<Checkpoint()>& before) {
  if (!result.skipped) {
    in_a_row_ = 0;
    return;
  }
  StepDump dump{.before = before(),
                .micro_batches = micro_batches,
                .samples = {},
                .seen = fmt::format("loss {}, gradient norm {}", result.loss, result.gradient_norm)};
  for (const BatchItem& item : items) dump.samples.push_back(name_of(item));
  const std::string what = fmt::format("train: step {}: not finite; got {}; samples: {}",
                                       dump.before.step + 1, dump.seen, join(dump.samples, " | "));
  if (skips_ && ++in_a_row_ <= kMostSkipped) {
    log_warning("{}; the step is left out", what);
    return;
  }
  throw DataError(fmt::format("{}; {}", what, saved(run_, dump)));
}

}  // namespace uls
