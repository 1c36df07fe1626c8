// SPDX-License-Identifier: Apache-2.0
#include "data/text/word_scanner.h"

#include <unicode/uchar.h>

#include <array>

#include "data/text/code_points.h"

namespace uls {
namespace {

enum class Kind : char { other, space, letter, number };

constexpr std::array<Kind, 128> ascii_kinds() {
  std::array<Kind, 128> kinds{};
  for (std::size_t c = 0; c < kinds.size(); ++c) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) kinds[c] = Kind::space;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) kinds[c] = Kind::letter;
    if (c >= '0' && c <= '9') kinds[c] = Kind::number;
  }
  return kinds;
}

Kind kind_of(UChar32 c) {
  static constexpr auto kAscii = ascii_kinds();
  if (c < 128) return kAscii[std::size_t(c)];
  if (U_GET_GC_MASK(c) & U_GC_L_MASK) return Kind::letter;
  if (U_GET_GC_MASK(c) & U_GC_N_MASK) return Kind::number;
  return u_isUWhiteSpace(c) || c == 0x345 ? Kind::space : Kind::other;
}

// Bytes of `word` at the front of `text`, 0 where it is not there.
std::size_t match(std::string_view text, std::string_view word) {
  std::size_t at = 0;
  for (const char c : word) {
    if (at < text.size() && text[at] == c)
      ++at;
    else if (c == 's' && text.substr(at).starts_with("\u017f"))
      at += 2;
    else
      return 0;
  }
  return at;
}

// Bytes of a word that the expression spells out, 0 where there is none.
std::size_t match_spelled_out(std::string_view text) {
  static constexpr std::string_view kContractions[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
  static constexpr std::string_view kSpecial[] = {kStartOfText, kEndOfText};
  if (text[0] == '\'')
    for (const auto word : kContractions)
      if (const std::size_t size = match(text, word)) return size;
  if (text[0] == '<')
    for (const auto word : kSpecial)
      if (const std::size_t size = match(text, word)) return size;
  return 0;
}

}  // namespace

std::string_view next_word(std::string_view& rest) {
  std::size_t start = 0, end = 0;
  Kind kind = Kind::space;
  while (kind == Kind::space) {
    start = end;
    if (start == rest.size()) return rest = {};
    kind = kind_of(next_code_point(rest, end));
  }
  if (const std::size_t size = match_spelled_out(rest.substr(start))) {
    end = start + size;
  } else if (kind != Kind::number) {
    for (std::size_t next = end; next < rest.size() && kind_of(next_code_point(rest, next)) == kind;)
      end = next;
  }
  const std::string_view word = rest.substr(start, end - start);
  rest.remove_prefix(end);
  return word;
}

}  // namespace uls
