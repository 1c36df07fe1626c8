// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/cli/cli.h"
#include "core/config_command.h"

namespace uls {

/// `unilseg eval`: scores of a model on a set of the unified format.
Command eval_command();
/// What `config explain` and `config resolve` know of benchmarks; nothing where the build reads no files.
std::vector<const Schema*> eval_tables();
std::vector<ConfigFileKind> eval_files();

}  // namespace uls
