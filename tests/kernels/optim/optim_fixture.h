// SPDX-License-Identifier: Apache-2.0
// Slabs with values of their own for tests of the optimizers.
#pragma once

#include <cmath>
#include <vector>

#include "core/autograd/grad_mode.h"
#include "core/tensor/primitives.h"
#include "kernels/optim/step_values.h"
#include "tests/support/support.h"

namespace uls::test {

/// float32 [count], uneven values of about 1, others for each seed.
inline Tensor uneven(std::int64_t count, int seed) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = float(std::sin(double(i) * 0.7 + seed) + 0.3 * std::cos(double(i * i) + 2 * seed));
  return from_values({count}, values);
}

inline double largest_difference(const Tensor& a, const std::vector<double>& b) {
  return largest_difference(a, from_values(a.shape(), b));
}

/// All groups with one learning rate.
inline StepValues step_at(double step, double rate) {
  StepValues values;
  values.step = step;
  values.learning_rates.fill(rate);
  return values;
}

/// Lengths that leave a rest for every vector width, one of them cut between threads.
inline const std::vector<std::int64_t> kLengths{0, 1, 37, 50003};

}  // namespace uls::test
