// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/io/mapped_file.h"

namespace uls {

/// The file's content. Raises DataError naming the path where it is missing, empty or unreadable.
std::string read_file_bytes(const std::string& path);
/// The same without copying it: see MappedFile.
std::shared_ptr<const MappedFile> map_data_file(const std::string& path);

}  // namespace uls
