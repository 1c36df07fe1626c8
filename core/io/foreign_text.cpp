// SPDX-License-Identifier: Apache-2.0
#include "core/io/foreign_text.h"

#include <fmt/core.h>

#include "core/config/text_value.h"

namespace uls {
namespace {

std::string escaped(char c, bool is_text) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '"':
    case '\\':
      return {'\\', c};
    default: {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && byte != 0x7F && (byte < 0x80 || is_text)) return {c};
      return fmt::format("\\x{:02x}", byte);
    }
  }
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 120;
  const bool is_text = is_utf8(text);
  std::string line;
  for (const char c : text) {
    const bool inside_character = is_text && (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (line.size() >= kLongest && !inside_character) return line + "...";
    line += escaped(c, is_text);
  }
  return line;
}

std::string shown(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace uls
