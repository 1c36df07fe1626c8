// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg data scenes`: writes generated scenes as a set of the unified format.
Command data_scenes_command();

}  // namespace uls
