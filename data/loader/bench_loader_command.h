// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg data bench-loader`: epochs of the loader and of the decoding and warping in it, timed.
Command bench_loader_command();

}  // namespace uls
