// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg eval`: scores of a model on a set of the unified format.
Command eval_command();

}  // namespace uls
