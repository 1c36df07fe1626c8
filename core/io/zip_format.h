// SPDX-License-Identifier: Apache-2.0
// The numbers of the zip format that its reader and its writer share.
#pragma once

#include <cstdint>

namespace uls::zip_format {

// Signatures and fixed sizes: before an entry's data, behind it, in the directory, and at the archive's end.
inline constexpr std::uint32_t kLocal = 0x04034b50, kDescriptorSignature = 0x08074b50, kRecord = 0x02014b50,
                               kEnd64 = 0x06064b50, kLocator = 0x07064b50, kEnd = 0x06054b50;
inline constexpr std::uint64_t kLocalBytes = 30, kRecordBytes = 46, kEnd64Bytes = 56, kLocatorBytes = 20,
                               kEndBytes = 22;

inline constexpr std::uint16_t kStored = 0, kDeflated = 8;        // methods
inline constexpr std::uint16_t kDescriptor = 0x8, kUtf8 = 0x800;  // flags

// A number that has no room is all ones, and stands in the extra field kLargeField in 64 bits.
inline constexpr std::uint16_t kIn16 = 0xFFFF, kLargeField = 1;
inline constexpr std::uint32_t kIn32 = 0xFFFFFFFF;

}  // namespace uls::zip_format
