// SPDX-License-Identifier: Apache-2.0
// Where the pixels of shifted windows lie in the map.
#pragma once

#include <cstdint>

#include "core/device/host_device.h"

namespace uls {

/// One axis of a map that is cut into windows: `size` pixels and padding up to whole windows, rolled by
/// -shift.
struct WindowAxis {
  std::int64_t size, side, shift, windows;

  ULS_HD WindowAxis(std::int64_t size, std::int64_t side, std::int64_t shift)
      : size(size), side(side), shift(shift), windows((size + side - 1) / side) {}

  /// Place in the map of pixel i of window w, or -1 for padding.
  ULS_HD std::int64_t place(std::int64_t w, std::int64_t i) const {
    const std::int64_t padded = windows * side, at = w * side + i + shift;
    const std::int64_t rolled = at < padded ? at : at - padded;
    return rolled < size ? rolled : -1;
  }
  /// Whether the roll brought it from the other end of the map. Of two pixels of a window that differ in
  /// this, on either axis, none sees the other.
  ULS_HD bool rolled(std::int64_t w, std::int64_t i) const { return w == windows - 1 && i >= side - shift; }
};

/// What is added to their scores.
inline constexpr double kUnseen = -100;

}  // namespace uls
