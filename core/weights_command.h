// SPDX-License-Identifier: Apache-2.0
// `unilseg weights inspect|convert`: looks into files of weights, and turns one kind into another.
#pragma once

#include "core/cli/cli.h"

namespace uls {

Command weights_command();

}  // namespace uls
