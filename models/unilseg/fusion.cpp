// SPDX-License-Identifier: Apache-2.0
#include "models/unilseg/fusion.h"

#include "kernels/pointwise/pointwise.h"

namespace uls {

Tensor FusionModule::operator()(const Tensor& x, const Tensor& position, const Tensor& memory,
                                const Tensor& mask, const Pass& pass) const {
  return x + attention_(x + position, memory, memory, pass, mask);
}

}  // namespace uls
