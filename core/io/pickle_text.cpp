// SPDX-License-Identifier: Apache-2.0
#include "core/io/pickle_text.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include "core/base/error.h"
#include "core/io/foreign_text.h"

namespace uls {
namespace {

void append_utf8(std::string& text, std::uint32_t code) {
  ULS_CHECK(code < 0x110000 && (code < 0xD800 || code >= 0xE000),
            "text: no character has this number; got {:#x}; expected one of Unicode", code);
  if (code < 0x80) {
    text += char(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  text += char((0x1F80 >> more & 0xFF) | code >> 6 * more);
  for (int i = more - 1; i >= 0; --i) text += char(0x80 | (code >> 6 * i & 0x3F));
}

// The number that the `digits` characters at `at` spell, if all of them are digits of the base.
std::optional<std::uint32_t> number_at(std::string_view text, std::size_t at, std::size_t digits, int base) {
  if (text.size() < at + digits) return std::nullopt;
  std::uint32_t value = 0;
  const char* const end = text.data() + at + digits;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value, base);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

// What stands behind a backslash for one other byte.
constexpr std::string_view kEscapes = "\\\\\'\'\"\"a\ab\bf\fn\nr\rt\tv\v";

}  // namespace

std::string unquoted_bytes(std::string_view quoted) {
  const char quote = quoted.empty() ? '\0' : quoted.front();
  ULS_CHECK(quoted.size() >= 2 && (quote == '\'' || quote == '"') && quoted.back() == quote,
            "string without quotes; got {}; expected one in quotes", shown(quoted));
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  std::string bytes;
  for (std::size_t at = 0; at < inner.size(); ++at) {
    if (inner[at] != '\\') {
      bytes += inner[at];
      continue;
    }
    const char next = ++at < inner.size() ? inner[at] : '\0';
    std::size_t known = 0;
    while (known < kEscapes.size() && kEscapes[known] != next) known += 2;
    const auto hexadecimal = next == 'x' ? number_at(inner, at + 1, 2, 16) : std::nullopt;
    ULS_CHECK(known < kEscapes.size() || hexadecimal,
              "string: unknown escape; got {}; expected one of Python's", shown(inner.substr(at - 1, 4)));
    bytes += hexadecimal ? char(*hexadecimal) : kEscapes[known + 1];
    if (hexadecimal) at += 2;
  }
  return bytes;
}

std::string unescaped_text(std::string_view escaped) {
  std::string text;
  const auto escape = [&](std::size_t at) -> std::optional<std::uint32_t> {
    if (escaped.substr(at).starts_with("\\u")) return number_at(escaped, at + 2, 4, 16);
    if (escaped.substr(at).starts_with("\\U")) return number_at(escaped, at + 2, 8, 16);
    return std::nullopt;
  };
  for (std::size_t at = 0; at < escaped.size();) {
    const auto code = escape(at);
    if (!code) {
      append_utf8(text, static_cast<unsigned char>(escaped[at++]));
      continue;
    }
    at += escaped[at + 1] == 'u' ? 6 : 10;
    // Some Pythons write a character beyond 16 bits as a pair of halves.
    const auto second = *code >= 0xD800 && *code < 0xDC00 ? escape(at) : std::nullopt;
    if (second && *second >= 0xDC00 && *second < 0xE000) {
      append_utf8(text, 0x10000 + ((*code - 0xD800) << 10) + (*second - 0xDC00));
      at += 6;
    } else {
      append_utf8(text, *code);
    }
  }
  return text;
}

std::string latin1_bytes(std::string_view utf8) {
  std::string bytes;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const auto first = static_cast<unsigned char>(utf8[at]);
    if (first < 0x80) {
      bytes += utf8[at];
      continue;
    }
    ULS_CHECK(first < 0xC4 && at + 1 < utf8.size(), "bytes: a character above 255; got {}; expected Latin-1",
              shown(utf8.substr(at, 4)));
    bytes += char((first & 3) << 6 | (utf8[++at] & 0x3F));
  }
  return bytes;
}

std::string latin1_text(std::string_view latin1) {
  std::string text;
  for (const char byte : latin1) append_utf8(text, static_cast<unsigned char>(byte));
  return text;
}

}  // namespace uls
