// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg tokenize`: the token ids of each line of standard input.
Command tokenize_command();

}  // namespace uls
