// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/loss/dice/dice.h"
#include "kernels/loss/mask_rows.h"

namespace uls::kernels {
namespace {

Tensor run(const std::vector<Tensor>& in) { return dice(in[0], in[1]); }

Doubles reference(const std::vector<OpArgument>& in) {
  const std::int64_t samples = in[0].shape[0];
  const std::size_t pixels = samples ? in[0].values.size() / std::size_t(samples) : 0;
  double loss = 0;
  for (std::size_t b = 0; b < std::size_t(samples); ++b) {
    double both = 0, predicted = 0, wanted = 0;
    for (std::size_t i = b * pixels; i < (b + 1) * pixels; ++i) {
      const double p = 1 / (1 + std::exp(-in[0].values[i]));
      both += p * in[1].values[i];
      predicted += p;
      wanted += in[1].values[i];
    }
    loss += 1 - (2 * both + 1) / (predicted + wanted + 1);
  }
  return {loss / double(samples)};
}

}  // namespace

void dice_cases(OpTable& table) {
  add_mask_rows(table, "dice", {{2, 1, 5, 6}, {1}, {3, 67}, {0, 4}, {3, 0}}, run, reference);
  add_mask_timing(table, "dice", run);
}

}  // namespace uls::kernels
