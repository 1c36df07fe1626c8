// SPDX-License-Identifier: Apache-2.0
// The operation that the calling thread is in: memory owners, anomaly reports and profiles name it.
#pragma once

namespace uls {

/// Every differentiable function opens one: `const OpScope scope("layer_norm");`. The outermost name counts,
/// so that memory which an op takes through another op is booked on the op that the user called.
class OpScope {
 public:
  explicit OpScope(const char* name) : previous_(current_) {
    if (!current_) current_ = name;
  }
  ~OpScope() { current_ = previous_; }
  OpScope(const OpScope&) = delete;
  OpScope& operator=(const OpScope&) = delete;

  /// The name (a string that lives as long as the program), or nullptr outside of any operation.
  static const char* current() { return current_; }

 private:
  const char* previous_;
  static inline thread_local const char* current_ = nullptr;
};

}  // namespace uls
