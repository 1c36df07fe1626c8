// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/op_table.h"

#include "core/random/philox.h"

namespace uls::kernels {

Tensor make_input(const OpInput& input, int index) {
  Doubles values(std::size_t(count_elements(input.shape)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits =
        philox4x32({std::uint32_t(i), std::uint32_t(i >> 32), std::uint32_t(index), 0}, {20, 24});
    const double value = input.low + (input.high - input.low) * double(uniform_float(bits[0]));
    values[i] = input.adjust ? input.adjust(value) : value;
  }
  return from_values(input.shape, values);
}

}  // namespace uls::kernels
