// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/step_values.h"

#include <type_traits>

#include "core/tensor/primitives.h"

namespace uls {

static_assert(std::is_standard_layout_v<StepValues> && sizeof(StepValues) == 9 * sizeof(double));

Tensor to_tensor(const StepValues& values) {
  Tensor tensor = empty({kStepValues}, DType::float64);
  step_values(tensor) = values;
  return tensor;
}

StepValues& step_values(const Tensor& values) {
  return *reinterpret_cast<StepValues*>(values.data<double>());
}

}  // namespace uls
