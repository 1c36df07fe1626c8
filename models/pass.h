// SPDX-License-Identifier: Apache-2.0
// What one run of a model is told besides its inputs.
#pragma once

#include <map>
#include <string>

#include "core/tensor/tensor.h"

namespace uls {

using NamedTensors = std::map<std::string, Tensor>;

struct Pass {
  bool training = false;          // batch statistics, dropout and drop-path
  bool dropout = true;            // false: a training pass without draws, to be compared number for number
  bool recompute = false;         // blocks keep their inputs alone and run again in backward
  NamedTensors* trace = nullptr;  // takes intermediate results, where somebody wants to see them

  /// The probability p in this pass: 0 outside of training.
  double rate(double p) const { return training && dropout ? p : 0; }

  void show(const std::string& name, const Tensor& x) const {
    if (trace) (*trace)[name] = x;
  }
};

}  // namespace uls
