// SPDX-License-Identifier: Apache-2.0
#include "data/data_command.h"

#include "data/loader/bench_loader_command.h"

namespace uls {

Command data_command() {
  return {.name = "data",
          .summary = "makes, checks and shows data sets of the unified format",
          .children = {bench_loader_command()}};
}

}  // namespace uls
