// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg predict`: masks of sentences on pictures.
Command predict_command();

}  // namespace uls
