// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/cli/cli.h"
#include "core/config/field.h"
#include "core/config_command.h"

namespace uls {

/// `unilseg train --config F [key=value ...]`.
Command train_command();
/// `unilseg report RUN [RUN2]`.
Command report_command();
/// What `config explain` looks up besides the settings; none where the build has no trainer.
std::vector<const Schema*> train_tables();
/// What `config resolve` takes besides networks.
std::vector<ConfigFileKind> train_files();

}  // namespace uls
