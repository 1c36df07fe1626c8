// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_timer.h"

#include <algorithm>
#include <limits>

#include "core/autograd/autograd.h"
#include "core/base/stopwatch.h"

namespace uls::kernels {
namespace {

double milliseconds(const Stopwatch& watch) { return 1e3 * watch.seconds(); }

}  // namespace

OpTimer::OpTimer(const OpTiming& row) : row_(row) {
  for (std::size_t i = 0; i < row.inputs.size(); ++i) {
    Tensor x = converted(make_input(row.inputs[i], int(i)), DType::float32);
    inputs_.push_back(row.inputs[i].differentiable ? x.set_requires_grad() : x);
  }
  const Tensor y = row.run(inputs_);
  if (row.has_backward())
    cotangent_ = converted(make_input({y.shape()}, int(inputs_.size())), DType::float32);
  call();
}

OpTimes OpTimer::call() {
  for (const Tensor& x : inputs_)
    if (x.requires_grad()) x.set_grad({});
  const Stopwatch start;
  const Tensor y = row_.run(inputs_);
  const double forward = milliseconds(start);
  if (!row_.has_backward()) return {forward, 0};
  const Stopwatch middle;
  backward(y, cotangent_);
  return {forward, milliseconds(middle)};
}

OpTimes OpTimer::measure(int calls) {
  call();
  OpTimes sum;
  for (int i = 0; i < calls; ++i) {
    const OpTimes one = call();
    sum.forward += one.forward / calls;
    sum.backward += one.backward / calls;
  }
  return sum;
}

double measure_copy_bandwidth() {
  constexpr std::int64_t kBytes = 256 << 20;
  const Tensor from = zeros({kBytes / 4});
  Tensor to = zeros({kBytes / 4});
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 5; ++i) {
    const Stopwatch start;
    copy_(to, from);
    best = std::min(best, milliseconds(start));
  }
  return 2.0 * kBytes / (best * 1e-3);
}

}  // namespace uls::kernels
