// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cli/cli.h"

namespace uls {

/// `unilseg forward`: a model, or one part of it, on given tensors; golden cases; summaries and profiles.
Command forward_command();

}  // namespace uls
