// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg train --config F [key=value ...]`.
Command train_command();
/// `unilseg report RUN [RUN2]`.
Command report_command();

}  // namespace uls
