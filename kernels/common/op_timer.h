// SPDX-License-Identifier: Apache-2.0
// Runs one timing row of the table of op cases.
#pragma once

#include "kernels/common/op_table.h"

namespace uls::kernels {

/// Milliseconds of one call, as a training step makes it: forward with recording, backward to all inputs (0
/// where the row has no backward).
struct OpTimes {
  double forward = 0, backward = 0;
};

class OpTimer {
 public:
  /// Makes the inputs and runs the row until its memory and library kernels are in place. `row` must live on.
  explicit OpTimer(const OpTiming& row);
  /// Mean over `calls` calls, after one that is not counted.
  OpTimes measure(int calls);

 private:
  OpTimes call();

  const OpTiming& row_;
  std::vector<Tensor> inputs_;
  Tensor cotangent_;
};

/// Bytes a second that a copy of 256 MiB reads and writes: what bandwidth-bound rows are held against.
double measure_copy_bandwidth();

}  // namespace uls::kernels
