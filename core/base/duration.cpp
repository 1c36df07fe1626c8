// SPDX-License-Identifier: Apache-2.0
#include "core/base/duration.h"

#include <fmt/core.h>

#include <cstdint>

namespace uls {

std::string format_seconds(double seconds) {
  const auto whole = std::int64_t(seconds);
  if (whole >= 86400) return fmt::format("{} d {} h", whole / 86400, whole % 86400 / 3600);
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  return whole >= 60 ? fmt::format("{} min {:02} s", whole / 60, whole % 60)
                     : fmt::format("{:.1f} s", seconds);
}

}  // namespace uls
