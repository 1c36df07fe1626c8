// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/json/json.h"

namespace uls {

/// Whether a run with the config `now` may go on from a checkpoint of the config `before` (both resolved):
/// how long, how often and how fast may differ, what is trained and on what may not.
bool same_run(const Json& before, const Json& now);

}  // namespace uls
