// SPDX-License-Identifier: Apache-2.0
// Whether operations of the calling thread are recorded, and whether every result is checked.
#pragma once

namespace uls {

/// True unless a NoGrad scope is open on this thread.
bool grad_enabled();

/// Sets grad_enabled() for a scope.
class GradMode {
 public:
  explicit GradMode(bool enabled);
  ~GradMode();
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};

/// Nothing is recorded in this scope: updates of parameters, evaluation.
class NoGrad : GradMode {
 public:
  NoGrad() : GradMode(false) {}
};

/// Anomaly mode: every result and every gradient is searched for NaN and infinity, and the first one raises
/// an Error that names the op. Costs a pass over each tensor; on for all threads.
void set_anomaly_mode(bool on);
bool anomaly_mode();

}  // namespace uls
