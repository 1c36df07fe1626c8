// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg bench`: times the rows of the table of op cases.
Command bench_command();

}  // namespace uls
