// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/loss/bce_with_logits/bce_with_logits.h"

namespace uls::kernels {
namespace {

Tensor run(const std::vector<Tensor>& in) { return bce_with_logits(in[0], in[1]); }

Doubles reference(const std::vector<OpArgument>& in) {
  double sum = 0;
  for (std::size_t i = 0; i < in[0].values.size(); ++i) {
    const double p = 1 / (1 + std::exp(-in[0].values[i])), t = in[1].values[i];
    sum -= t * std::log(p) + (1 - t) * std::log(1 - p);
  }
  return {sum / double(in[0].values.size())};
}

}  // namespace

void bce_with_logits_cases(OpTable& table) {
  for (const Shape& shape : {Shape{2, 1, 5, 6}, Shape{}, Shape{1}, Shape{3, 67}, Shape{0, 4}})
    table.add(OpCase{"bce_with_logits",
                     to_string(shape),
                     {{shape, -6, 6}, {shape, 0, 1, false}},
                     run,
                     reference,
                     count_elements(shape)});
  for (const double full : {0.0, 1.0})
    table.add(OpCase{"bce_with_logits",
                     full == 0 ? "empty mask [2, 35]" : "full mask [2, 35]",
                     {{{2, 35}, -6, 6}, {{2, 35}, full, full, false}},
                     run,
                     reference,
                     70});
  // Six decoder layers of a batch of eight.
  const double bytes = 48.0 * 14400 * sizeof(float);
  table.add(OpTiming{"bce_with_logits",
                     "48x120x120",
                     {{{48, 120, 120}, -6, 6}, {{48, 120, 120}, 0, 1, false}},
                     run,
                     0,
                     0,
                     2 * bytes,
                     3 * bytes});
}

}  // namespace uls::kernels
