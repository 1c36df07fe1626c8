// SPDX-License-Identifier: Apache-2.0
#include "data/text/text_cleaning.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "core/base/error.h"
#include "data/text/code_points.h"
#include "data/text/html_entities.h"

namespace uls {
namespace {

// ftfy cuts longer texts into pieces.
constexpr std::size_t kLongest = 1'000'000;

void check_icu(UErrorCode status) { ULS_ASSERT(U_SUCCESS(status), "ICU: {}", u_errorName(status)); }

const icu::Normalizer2& find_normalizer(const icu::Normalizer2* (*instance)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const found = instance(status);
  check_icu(status);
  return *found;
}

// Found once, under a guard that ThreadSanitizer sees: ICU's own is not instrumented.
const icu::Normalizer2& nfc() {
  static const icu::Normalizer2& found = find_normalizer(icu::Normalizer2::getNFCInstance);
  return found;
}

const icu::Normalizer2& nfkc() {
  static const icu::Normalizer2& found = find_normalizer(icu::Normalizer2::getNFKCInstance);
  return found;
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// ASCII without entities and control characters: no fix changes it but for kinds of white space.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= ' ' && c <= '~' && c != '&') || c == '\t' || c == '\n' || c == '\f' || c == '\r';
  });
}

void check_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    ULS_CHECK(next_code_point(text, at) >= 0, "not UTF-8; got byte 0x{:02x} at place {}; expected UTF-8 text",
              static_cast<unsigned char>(text[start]), start + 1);
  }
}

bool is_latin_ligature(UChar32 c) {
  return c == 0x132 || c == 0x133 || c == 0x149 || (c >= 0x1c4 && c <= 0x1cc) || (c >= 0x1f1 && c <= 0x1f3) ||
         (c >= 0xfb00 && c <= 0xfb06);
}

bool has_other_width(UChar32 c) { return c == 0x3000 || (c >= 0xff01 && c < 0xfff0); }

void append_fixed(UChar32 c, std::string& out);

void append_fixed(const icu::UnicodeString& text, std::string& out) {
  for (int at = 0; at < text.length(); at = text.moveIndex32(at, 1)) append_fixed(text.char32At(at), out);
}

// What the fixes of single characters make of one.
void append_fixed(UChar32 c, std::string& out) {
  if (c >= 0x80 && c <= 0x9f) {
    const UChar32 meant = windows_1252(c);
    if (meant == c)
      append_code_point(out, c);
    else
      append_fixed(meant, out);
  } else if (is_latin_ligature(c)) {
    icu::UnicodeString letters;
    nfkc().getRawDecomposition(c, letters);
    append_fixed(letters, out);
  } else if (icu::UnicodeString normal; has_other_width(c) && nfkc().getDecomposition(c, normal)) {
    append_fixed(normal, out);
  } else if (c == 0x2bc || (c >= 0x2018 && c <= 0x201b)) {
    out += '\'';
  } else if (c >= 0x201c && c <= 0x201f) {
    out += '"';
  } else if (c == '\r' || c == 0x2028 || c == 0x2029) {
    out += '\n';
  } else {
    append_code_point(out, c);
  }
}

std::string fix_characters(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const UChar32 c = next_code_point(text, at);
    const bool is_pair = c == '\r' && at < text.size() && text[at] == '\n';
    if (!is_pair) append_fixed(c, out);
  }
  return out;
}

bool is_control(UChar32 c) {
  return c <= 0x08 || c == 0x0b || (c >= 0x0e && c <= 0x1f) || c == 0x7f || (c >= 0x206a && c <= 0x206f) ||
         c == 0xfeff || (c >= 0xfff9 && c <= 0xfffc);
}

// The end of the terminal escape that starts at text[at] ("\x1b[31;1m"), or `at` where none does.
std::size_t end_of_escape(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("\x1b[")) return at;
  for (std::size_t end = at + 2; end < text.size();) {
    const UChar32 c = next_code_point(text, end);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return end;
    if (c != ';' && !u_isdigit(c)) break;
  }
  return at;
}

std::string remove_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    at = end_of_escape(text, start);
    if (at == start && !is_control(next_code_point(text, at))) out.append(text, start, at - start);
  }
  return out;
}

std::string compose(const std::string& text) {
  std::string out;
  icu::StringByteSink<std::string> sink(&out, int(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  nfc().normalizeUTF8(0, text, sink, nullptr, status);
  check_icu(status);
  return out;
}

std::string fix_line(std::string text, bool is_html) {
  for (;;) {
    std::string fixed =
        compose(remove_controls(fix_characters(is_html ? text : unescape_html_strictly(text))));
    if (fixed == text) return fixed;
    text = std::move(fixed);
  }
}

// ftfy.fix_text without the repair of mojibake: line by line; from the first '<' on, the text counts as HTML.
std::string fix_text(std::string_view text) {
  std::string out;
  for (bool is_html = false; !text.empty();) {
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    is_html = is_html || line.find('<') != std::string_view::npos;
    out += fix_line(std::string(line), is_html);
    text.remove_prefix(line.size());
  }
  return out;
}

bool is_space(UChar32 c) { return c < 0x80 ? c == ' ' || (c >= '\t' && c <= '\r') : u_isUWhiteSpace(c); }

// One blank for each run of white space, none at the ends.
std::string fold_spaces(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool blank = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (is_space(next_code_point(text, at))) {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    out.append(text, start, at - start);
  }
  return out;
}

// As Python's str.lower: a sigma at the end of a word becomes its final form.
std::string lower(std::string text) {
  if (is_ascii(text)) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return text;
  }
  std::string out;
  icu::StringByteSink<std::string> sink(&out, int(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  icu::CaseMap::utf8ToLower("", 0, text, sink, nullptr, status);
  check_icu(status);
  return out;
}

}  // namespace

std::string clean_text(std::string_view text) {
  ULS_CHECK(text.size() <= kLongest, "a text is too long; got {} bytes; expected at most {}", text.size(),
            kLongest);
  if (is_plain(text)) return lower(fold_spaces(text));
  check_utf8(text);
  return lower(fold_spaces(unescape_html(unescape_html(fix_text(text)))));
}

}  // namespace uls
