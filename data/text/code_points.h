// SPDX-License-Identifier: Apache-2.0
// Code points of UTF-8 text that has been checked.
#pragma once

#include <unicode/utf8.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace uls {

/// The code point at text[at]; `at` moves behind it.
inline UChar32 next_code_point(std::string_view text, std::size_t& at) {
  UChar32 c = 0;
  U8_NEXT(text.data(), at, text.size(), c);
  return c;
}

inline void append_code_point(std::string& out, UChar32 c) {
  char bytes[U8_MAX_LENGTH];
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, c);
  out.append(bytes, size);
}

/// What byte `c` (0x80 to 0x9f) means in Windows-1252, which browsers and ftfy read where Latin-1 has control
/// characters; those that it leaves out stay.
inline UChar32 windows_1252(UChar32 c) {
  static constexpr char16_t kTable[32] = {0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                          0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
                                          0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                          0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};
  return kTable[c - 0x80];
}

}  // namespace uls
