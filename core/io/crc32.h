// SPDX-License-Identifier: Apache-2.0
// Cyclic checksums of 32 bits, both of reflected bits.
#pragma once

#include <cstdint>
#include <string_view>

namespace uls {

/// The checksum of what `crc` covers (0: nothing), followed by `data`: CRC-32 of zip archives (0xEDB88320).
std::uint32_t crc32(std::uint32_t crc, const char* data, std::int64_t bytes);
inline std::uint32_t crc32(std::uint32_t crc, std::string_view bytes) {
  return crc32(crc, bytes.data(), std::int64_t(bytes.size()));
}

/// Castagnoli's CRC-32C (0x82F63B78), likewise: the checksum of TensorBoard's event files.
std::uint32_t crc32c(std::uint32_t crc, const char* data, std::int64_t bytes);

}  // namespace uls
