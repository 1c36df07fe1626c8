// SPDX-License-Identifier: Apache-2.0
#include "train/evaluation/task_losses.h"

#include "core/autograd/grad_mode.h"
#include "core/base/error.h"
#include "core/tensor/primitives.h"

namespace uls {

void TaskLosses::add_pass(const UniLSeg::Output& output) {
  for (std::int64_t i = 0; i < output.pixels.size(0); ++i)
    waiting_.push_back({output.queries.sliced(1, i, i + 1), output.pixels.sliced(0, i, i + 1)});
}

void TaskLosses::add_truth(const EvalView& view) {
  ULS_ASSERT(!waiting_.empty(), "no pass before the truth of {}", view.row.target);
  const NoGrad no_grad;
  const std::int64_t cells = transform_.cells();
  const Tensor target = empty({1, 1, cells, cells}), weight = full({1, 1, cells, cells}, 1);
  const auto values = [&](const Tensor& of) {
    return std::span(of.data<float>(), std::size_t(cells * cells));
  };
  transform_.apply(view.truth, view.image.height, view.image.width, values(target),
                   {view.ignored, values(weight)});
  const UniLSeg::Output& output = waiting_.front();
  Sum& sum = sums_[view.row.task];
  sum.loss += to_doubles(mask_loss(output.queries, output.pixels, target, loss_, {weight, {}}).total)[0];
  ++sum.texts;
  waiting_.pop_front();
}

std::map<Task, double> TaskLosses::means() const {
  std::map<Task, double> means;
  for (const auto& [task, sum] : sums_) means[task] = sum.loss / double(sum.texts);
  return means;
}

}  // namespace uls
