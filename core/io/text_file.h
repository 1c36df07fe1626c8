// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace uls {

/// All of a file, which may be empty. Raises Error where it cannot be opened or read.
std::string read_text_file(const std::string& path);

}  // namespace uls
