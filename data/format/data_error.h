// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "core/base/error.h"

namespace uls {

/// fn(), whose Errors are the data's fault: they leave as DataErrors with the same text.
template <typename Fn>
auto as_data_error(Fn&& fn) {
  try {
    return std::forward<Fn>(fn)();
  } catch (const DataError&) {
    throw;
  } catch (const Error& error) {
    throw DataError(error.what());
  }
}

}  // namespace uls
