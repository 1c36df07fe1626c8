// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg bench-step`: times whole passes of a model on random data.
Command bench_step_command();

}  // namespace uls
