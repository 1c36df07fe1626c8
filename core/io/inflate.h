// SPDX-License-Identifier: Apache-2.0
// Deflated data, as zip archives hold it (no header of its own).
#pragma once

#include <cstdint>
#include <string_view>

namespace uls {

/// Unpacks `packed` into the `size` bytes at `out`. Raises Error where it does not give exactly these, and in
/// a build without zlib (ULS_IO=OFF).
void inflate_into(std::string_view packed, char* out, std::int64_t size);

}  // namespace uls
