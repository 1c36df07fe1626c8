// SPDX-License-Identifier: Apache-2.0
// The table of op cases: one row says what an operation computes and on which inputs, and all checks and
// timings follow from it:
//   value            float64 and float32 results against an independent reference in float64
//   gradient         central differences in float64
//   layout           the same results from strided inputs
//   low precision    bfloat16 and float16 within twice the error of rounding the exact result
//   meta             the same shapes and types without computing
//   repeat           bit-identical results, memory back to where it was
//   timing           rows of `unilseg bench` and scripts/bench
// A room adds its rows in <op>_cases.cpp.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/tensor/primitives.h"

namespace uls::kernels {

using Doubles = std::vector<double>;

/// One input of a row. Values are drawn uniformly from [low, high), the same on every run.
struct OpInput {
  Shape shape;
  double low = -1, high = 1;
  bool differentiable = true;
  /// Applied to each drawn value, e.g. to keep away from a kink.
  double (*adjust)(double) = nullptr;
};

/// An input as a reference sees it: row-major values in float64.
struct OpArgument {
  Shape shape;
  Doubles values;
};

struct OpCase {
  std::string op;     // "layer_norm"
  std::string label;  // "14400x512"
  std::vector<OpInput> inputs;
  std::function<Tensor(const std::vector<Tensor>&)> run;
  /// The result's row-major values, by the plainest loop that gives them.
  std::function<Doubles(const std::vector<OpArgument>&)> reference;
  /// Terms that are summed for one element of the result (and of a gradient): rounding grows with its root.
  std::int64_t reduction = 1;
  /// Whether bfloat16 and float16 inputs are accepted.
  bool low_precision = true;
};

/// A row of `unilseg bench`: float32 inputs, forward and backward; forward alone where no input is
/// differentiable, as for an update in place.
struct OpTiming {
  std::string op, label;
  std::vector<OpInput> inputs;
  std::function<Tensor(const std::vector<Tensor>&)> run;
  double forward_flops = 0, backward_flops = 0;  // multiply and add counted as two
  double forward_bytes = 0, backward_bytes = 0;  // every tensor read or written once

  bool has_backward() const { return std::ranges::any_of(inputs, &OpInput::differentiable); }
};

class OpTable {
 public:
  void add(OpCase row) { cases_.push_back(std::move(row)); }
  void add(OpTiming row) { timings_.push_back(std::move(row)); }
  const std::vector<OpCase>& cases() const { return cases_; }
  const std::vector<OpTiming>& timings() const { return timings_; }

 private:
  std::vector<OpCase> cases_;
  std::vector<OpTiming> timings_;
};

/// The values of input number `index` of a row, in float64: uniform, fixed by the index and the element.
Tensor make_input(const OpInput& input, int index);

}  // namespace uls::kernels
