// SPDX-License-Identifier: Apache-2.0
// The commands of `unilseg data` that look at whole sets or make one of others.
#pragma once

#include "core/cli/cli.h"

namespace uls {

Command data_check_command();
Command data_stats_command();
Command data_shard_command();
Command data_merge_command();
Command data_subset_command();

}  // namespace uls
