// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/same_bits.h"

#include <cstring>

#include "core/tensor/primitives.h"

namespace uls {

bool same_bits(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  const Tensor x = contiguous(a), y = contiguous(b);
  return a.numel() == 0 ||
         std::memcmp(x.raw_data(), y.raw_data(), std::size_t(a.numel() * size_of(a.dtype()))) == 0;
}

}  // namespace uls
