// SPDX-License-Identifier: Apache-2.0
// `unilseg config explain KEY`: what a key of a config, or an environment variable, means.
#pragma once

#include <vector>

#include "core/cli/cli.h"
#include "core/config/field.h"

namespace uls {

/// `tables` are those that KEY is looked up in; they must outlive the command.
Command config_command(std::vector<const Schema*> tables);

}  // namespace uls
