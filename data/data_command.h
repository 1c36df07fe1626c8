// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg data ...`: convert, scenes, check, stats, browse, shard, merge, subset.
Command data_command();

}  // namespace uls
