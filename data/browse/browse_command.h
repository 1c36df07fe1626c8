// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg data browse`: a page of HTML that shows samples of a set.
Command data_browse_command();

}  // namespace uls
