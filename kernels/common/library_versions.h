// SPDX-License-Identifier: Apache-2.0
// Versions of the libraries behind the kernels, for `unilseg doctor`.
#pragma once

#include <fmt/core.h>

#include <string>

namespace uls::kernels {

/// "2.6.3"; "not in this build" with ULS_ONEDNN=OFF.
std::string onednn_version();

}  // namespace uls::kernels
