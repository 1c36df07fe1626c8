// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/normalise.h"

namespace uls {

void normalise(const std::uint8_t* rgb, std::int64_t pixels, float* to) {
  // Whole vectors of each colour's constants, since the colours lie side by side.
  constexpr std::int64_t kBlock = 48;
  std::array<float, kBlock> scale, offset;
  for (std::size_t k = 0; k < kBlock; ++k) {
    scale[k] = 1 / (255 * kClipStd[k % 3]);
    offset[k] = -kClipMean[k % 3] / kClipStd[k % 3];
  }
  const auto convert = [&](std::int64_t i, std::int64_t k) {
    to[i + k] = float(rgb[i + k]) * scale[std::size_t(k)] + offset[std::size_t(k)];
  };
  const std::int64_t count = pixels * 3;
  std::int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock)
    for (std::int64_t k = 0; k < kBlock; ++k) convert(i, k);
  for (std::int64_t k = 0; i + k < count; ++k) convert(i, k);
}

}  // namespace uls
