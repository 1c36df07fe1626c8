// SPDX-License-Identifier: Apache-2.0
// A run: batches from the loader through training steps, with a log and checkpoints in the run's folder.
// Killed at any moment and started again, it ends with the same weights, bit for bit (same threads).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "train/config/train_config.h"

namespace uls {

class Trainer {
 public:
  /// Opens the sets and builds the model; goes on from the newest whole checkpoint where the folder has one.
  /// Raises Error where that belongs to another model or other data.
  explicit Trainer(const TrainConfig& config);
  ~Trainer();

  /// Trains until the last step, or until `until` of them are done, or until a signal asks to stop
  /// (stop_request.h), and saves. True at the last step. Raises DataError for a step that is not finite
  /// (survive/finite_guard.h).
  bool run(std::int64_t until = std::numeric_limits<std::int64_t>::max());
  /// The signal that ended run(), or 0.
  int signal() const;

  std::int64_t step() const;  ///< that were done

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uls
