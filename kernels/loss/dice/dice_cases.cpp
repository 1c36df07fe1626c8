// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/loss/dice/dice.h"

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
  for (const Shape& shape : {Shape{2, 1, 5, 6}, Shape{1}, Shape{3, 67}, Shape{0, 4}, Shape{3, 0}})
    table.add(OpCase{"dice",
                     to_string(shape),
                     {{shape, -6, 6}, {shape, 0, 1, false}},
                     run,
                     reference,
                     count_elements(shape)});
  for (const double full : {0.0, 1.0})
    table.add(OpCase{"dice",
                     full == 0 ? "empty mask [2, 35]" : "full mask [2, 35]",
                     {{{2, 35}, -6, 6}, {{2, 35}, full, full, false}},
                     run,
                     reference,
                     70});
  const double bytes = 48.0 * 14400 * sizeof(float);
  table.add(OpTiming{"dice",
                     "48x120x120",
                     {{{48, 120, 120}, -6, 6}, {{48, 120, 120}, 0, 1, false}},
                     run,
                     0,
                     0,
                     2 * bytes,
                     3 * bytes});
}

}  // namespace uls::kernels
