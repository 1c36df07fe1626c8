// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg data baselines`: what answers without understanding score on a set.
Command data_baselines_command();

}  // namespace uls
