// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg data convert SOURCE --root DIR --out DIR ...`, and `unilseg data convert list`.
Command data_convert_command();

}  // namespace uls
