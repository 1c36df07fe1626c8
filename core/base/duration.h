// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace uls {

/// "4.5 s", "3 min 05 s", "2 h 05 min", "3 d 4 h".
std::string format_seconds(double seconds);

}  // namespace uls
