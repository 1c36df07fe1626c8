// SPDX-License-Identifier: Apache-2.0
#include "tests/support/support.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "core/tensor/primitives.h"

namespace uls::test {

std::string golden_folder() {
  const char* folder = std::getenv("ULS_GOLDEN");
  return folder && *folder ? folder : ULS_SOURCE_DIR "/tests/fixtures";
}

Tensor tensor(const Shape& shape, const std::vector<float>& values) { return from_values(shape, values); }

Tensor parameter(const Shape& shape, const std::vector<double>& values) {
  return from_values(shape, values).set_requires_grad();
}

double largest_difference(const Tensor& a, const Tensor& b) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (a.shape() != b.shape()) return kInfinity;
  const auto va = to_doubles(a), vb = to_doubles(b);
  double largest = 0;
  for (std::size_t i = 0; i < va.size(); ++i) {
    if (va[i] == vb[i] || (std::isnan(va[i]) && std::isnan(vb[i]))) continue;
    const double difference = std::abs(va[i] - vb[i]);
    largest = std::isnan(difference) ? kInfinity : std::max(largest, difference);
  }
  return largest;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  const Tensor ca = contiguous(a), cb = contiguous(b);
  return a.numel() == 0 ||
         std::memcmp(ca.raw_data(), cb.raw_data(), std::size_t(a.numel() * size_of(a.dtype()))) == 0;
}

}  // namespace uls::test
