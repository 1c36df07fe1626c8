// SPDX-License-Identifier: Apache-2.0
// Errors about the content of a source's files are DataErrors, whichever reader found them.
#pragma once

#include <string>
#include <utility>

#include "core/base/error.h"

namespace uls {

/// fn(), whose Errors become DataErrors that begin with `where` and a colon.
template <typename Fn>
auto as_bad_data(const std::string& where, Fn&& fn) {
  try {
    return std::forward<Fn>(fn)();
  } catch (const Error& error) {
    throw DataError(where + ": " + error.what());
  }
}

}  // namespace uls
