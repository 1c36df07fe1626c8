// SPDX-License-Identifier: Apache-2.0
#include "train/step/weight_average.h"

#include <algorithm>

#include "core/autograd/grad_mode.h"
#include "core/tensor/primitives.h"
#include "kernels/optim/ema/ema.h"

namespace uls {

WeightAverage::WeightAverage(const Parameters& parameters, double decay)
    : parameters_(&parameters), decay_(decay), state_("average", parameters) {}

void WeightAverage::update(std::int64_t step) {
  const NoGrad no_grad;
  std::vector<EmaSlab> slabs;
  for (const ParameterSlab& slab : parameters_->slabs())
    slabs.push_back({state_.beside(slab.values), slab.values});
  ema_(slabs, std::min(decay_, double(step - 1) / double(step + 8)));
}

void WeightAverage::swap() {
  const NoGrad no_grad;
  // By parameter: a copy of all at once would take as much memory again.
  for (const Parameter& p : parameters_->all()) {
    Tensor value = p.value.detached(), average = state_.beside(value);
    const Tensor kept = clone(value);
    copy_(value, average);
    copy_(average, kept);
  }
}

}  // namespace uls
