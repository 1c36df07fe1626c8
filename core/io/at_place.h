// SPDX-License-Identifier: Apache-2.0
// Where in a file something is wrong.
#pragma once

#include <fmt/format.h>

#include <string>

#include "core/base/error.h"

namespace uls {

/// Runs read() on what a file holds. Its errors name the place in front, and are DataErrors.
template <typename Read>
auto at_place(const std::string& place, Read read) {
  try {
    return read();
  } catch (const Error& error) {
    throw DataError(fmt::format("{}: {}", place, error.what()));
  }
}

}  // namespace uls
