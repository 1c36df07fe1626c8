// SPDX-License-Identifier: Apache-2.0
#include "core/io/crc32.h"

#include <array>
#include <cstring>

namespace uls {
namespace {

// kTable[k][b]: what byte b adds when k more bytes follow it. Sixteen bytes are then taken in one step whose
// look-ups do not wait for each other.
constexpr int kStep = 16;
using Table = std::array<std::array<std::uint32_t, 256>, kStep>;

constexpr Table make_table(std::uint32_t polynomial) {
  Table table{};
  for (std::uint32_t b = 0; b < 256; ++b) {
    std::uint32_t value = b;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? polynomial : 0);
    table[0][b] = value;
  }
  for (std::size_t k = 1; k < kStep; ++k)
    for (std::size_t b = 0; b < 256; ++b)
      table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xFF];
  return table;
}

constexpr Table kZip = make_table(0xEDB88320u), kCastagnoli = make_table(0x82F63B78u);

template <const Table& kTable>
std::uint32_t checksum(std::uint32_t crc, const char* data, std::int64_t bytes) {
  crc = ~crc;
  for (; bytes >= kStep; bytes -= kStep, data += kStep) {
    std::array<std::uint32_t, kStep / 4> words;
    std::memcpy(words.data(), data, kStep);
    words[0] ^= crc;
    crc = 0;
    for (std::size_t i = 0; i < kStep; ++i) crc ^= kTable[kStep - 1 - i][words[i / 4] >> (i % 4 * 8) & 0xFF];
  }
  for (; bytes > 0; --bytes, ++data)
    crc = crc >> 8 ^ kTable[0][(crc ^ static_cast<unsigned char>(*data)) & 0xFF];
  return ~crc;
}

}  // namespace

std::uint32_t crc32(std::uint32_t crc, const char* data, std::int64_t bytes) {
  return checksum<kZip>(crc, data, bytes);
}

std::uint32_t crc32c(std::uint32_t crc, const char* data, std::int64_t bytes) {
  return checksum<kCastagnoli>(crc, data, bytes);
}

}  // namespace uls
