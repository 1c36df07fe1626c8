// SPDX-License-Identifier: Apache-2.0
#include "data/data_command.h"

#include "data/browse/browse_command.h"
#include "data/convert/convert_command.h"
#include "data/loader/bench_loader_command.h"
#include "data/scenes/baselines_command.h"
#include "data/scenes/scenes_command.h"
#include "data/tools/commands.h"

namespace uls {

Command data_command() {
  return {.name = "data",
          .summary = "makes, checks and shows data sets of the unified format",
          .children = {
              data_convert_command(),
              data_scenes_command(),
              data_check_command(),
              data_stats_command(),
              data_browse_command(),
              data_baselines_command(),
              data_shard_command(),
              data_merge_command(),
              data_subset_command(),
              bench_loader_command(),
          }};
}

}  // namespace uls
