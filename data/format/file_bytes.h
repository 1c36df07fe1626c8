// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace uls {

/// The file's content. Raises DataError naming the path where it is missing, empty or unreadable.
std::string read_file_bytes(const std::string& path);

}  // namespace uls
