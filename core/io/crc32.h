// SPDX-License-Identifier: Apache-2.0
// The checksum of zip archives: CRC-32 with the reversed polynomial 0xEDB88320.
#pragma once

#include <cstdint>

namespace uls {

/// The checksum of what `crc` covers (0: nothing), followed by `data`.
std::uint32_t crc32(std::uint32_t crc, const char* data, std::int64_t bytes);

}  // namespace uls
