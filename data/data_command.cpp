// SPDX-License-Identifier: Apache-2.0
#include "data/data_command.h"

#include "data/tools/commands.h"

namespace uls {

Command data_command() {
  return {.name = "data",
          .summary = "makes, checks and shows data sets of the unified format",
          .children = {
              data_check_command(),
              data_stats_command(),
              data_shard_command(),
              data_merge_command(),
              data_subset_command(),
          }};
}

}  // namespace uls
