// SPDX-License-Identifier: Apache-2.0
#include "models/initial_values.h"

#include <cmath>

#include "core/random/random_state.h"
#include "core/tensor/primitives.h"
#include "kernels/primitives/random/random.h"

namespace uls {
namespace {

// The probability of a standard normal draw to lie below x, inverted: x of it. Newton's steps from 0; the
// argument is within two standard deviations, where they converge from anywhere.
double normal_quantile(double probability) {
  double x = 0;
  for (int i = 0; i < 20; ++i) {
    const double below = 0.5 * std::erfc(-x / std::sqrt(2.0));
    x -= (below - probability) * std::sqrt(2 * M_PI) * std::exp(0.5 * x * x);
  }
  return x;
}

// A uniform draw between the probabilities of -2 and 2, as a quantile: the distribution of drawing again.
void make_truncated_normal(Tensor& y, double deviation, const RandomKey& key) {
  const double low = 0.5 * std::erfc(2 / std::sqrt(2.0));
  Tensor draws = empty(y.shape(), DType::float64);
  fill_uniform_(draws, low, 1 - low, key);
  double* values = draws.data<double>();
  for (std::int64_t i = 0; i < draws.numel(); ++i) values[i] = deviation * normal_quantile(values[i]);
  copy_(y, draws);
}

}  // namespace

InitialValues InitialValues::fan_in(std::int64_t fan_in) {
  return uniform(fan_in > 0 ? 1 / std::sqrt(double(fan_in)) : 0);
}

InitialValues InitialValues::xavier(std::int64_t fan_in, std::int64_t fan_out) {
  return uniform(std::sqrt(6 / double(fan_in + fan_out)));
}

void set_initial_values(Tensor& y, const InitialValues& init, std::uint64_t seed, const std::string& name) {
  if (y.device().type == DeviceType::meta) return;
  const std::uint64_t path = fnv1a(name);
  const RandomKey key{.key = {std::uint32_t(seed) ^ std::uint32_t(path),
                              std::uint32_t(seed >> 32) ^ std::uint32_t(path >> 32)}};
  switch (init.kind) {
    case InitialValues::Kind::constant:
      return fill_(y, init.value);
    case InitialValues::Kind::uniform:
      return fill_uniform_(y, -init.value, init.value, key);
    case InitialValues::Kind::normal:
      return fill_normal_(y, 0, init.value, key);
    case InitialValues::Kind::truncated_normal:
      return make_truncated_normal(y, init.value, key);
  }
}

}  // namespace uls
