// SPDX-License-Identifier: Apache-2.0
// Whether fused operations run as one kernel, or as their plain twins, which are composed of simple
// operations: the oracle of tests, and a switch for doubts at run time (ULS_FUSED=0).
#pragma once

namespace uls::kernels {

bool fused_kernels();

/// Another answer for a scope of this thread.
class FusedScope {
 public:
  explicit FusedScope(bool fused);
  ~FusedScope();
  FusedScope(const FusedScope&) = delete;
  FusedScope& operator=(const FusedScope&) = delete;

 private:
  int previous_;
};

}  // namespace uls::kernels
