// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/loss/bce_with_logits/bce_with_logits.h"
#include "kernels/loss/mask_rows.h"

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
  add_mask_rows(table, "bce_with_logits", {{2, 1, 5, 6}, {}, {1}, {3, 67}, {0, 4}}, run, reference);
  add_mask_timing(table, "bce_with_logits", run);
}

}  // namespace uls::kernels
