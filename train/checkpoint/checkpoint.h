// SPDX-License-Identifier: Apache-2.0
// A checkpoint is a folder. It never depends on the number of ranks.
//
//   model.safetensors   plain weights; the resolved config in its metadata
//
//   train.safetensors   the optimizer's moments, and the average of the weights if there is one: predicting
//                       takes it where it lies beside model.safetensors
//
//   state.json          step, loader, scores, fingerprint; the sha256 of the other two
//
// Written aside, flushed, then renamed: a kill or a full disk leaves what was there before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json/json.h"
#include "models/pass.h"

namespace uls {

struct Checkpoint {
  std::string path{};  // where it was read from
  std::int64_t step = 0;
  Json config{};            // resolved
  NamedTensors weights{};   // in files' layout, under state_dict's names
  NamedTensors training{};  // TrainingStep::state(): "mean.<name>", "average.<name>", in the same layout
  Json state{};             // an object: whatever else the trainer needs to go on
  Json fingerprint{};       // train/survive/fingerprint.h
};

/// Writes the folder `path`, which must not exist. Raises Error where the disk does not take it; nothing is
/// left then.
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// Raises DataError naming the file where one is missing, cut short or changed.
Checkpoint read_checkpoint(const std::string& path);

/// The checkpoints of a run (eval/run_folder.h). Of the regular ones the newest `keep`
/// stay, and the best one, whose name stands in RUN/checkpoints/best.json.
class CheckpointFolder {
 public:
  /// Removes what a killed process left unfinished.
  CheckpointFolder(const std::string& run, std::int64_t keep);

  /// Writes one, marks it as the best so far if told so, and only then removes the oldest.
  void save(const Checkpoint& checkpoint, bool best);
  /// The newest that is whole. Damaged ones after it are named in a warning and renamed to "<name>.damaged":
  /// the run will write others in their place. Raises DataError where there are some and all are damaged;
  /// they keep their names.
  std::optional<Checkpoint> newest() const;
  /// The checkpoint of that step, which is there, is the best so far.
  void mark_best(std::int64_t step);
  /// "" before the first, and where it is gone.
  std::string best() const;

 private:
  std::string folder_;
  std::int64_t keep_;
};

}  // namespace uls
