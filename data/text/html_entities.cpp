// SPDX-License-Identifier: Apache-2.0
#include "data/text/html_entities.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <sstream>
#include <unordered_map>

#include "core/base/error.h"
#include "data/text/code_points.h"

namespace uls {
namespace {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Copies the text, with replace(rest, out) at every '&': it appends what the reference at the front of `rest`
// stands for and returns the bytes that it takes, 0 where there is none.
template <typename Replace>
std::string replace_references(std::string_view text, Replace&& replace) {
  std::string out;
  for (;;) {
    const std::size_t mark = std::min(text.find('&'), text.size());
    out += text.substr(0, mark);
    text.remove_prefix(mark);
    if (text.empty()) return out;
    const std::size_t taken = replace(text, out);
    if (!taken) out += '&';
    text.remove_prefix(std::max<std::size_t>(taken, 1));
  }
}

// HTML 5 reads numbers of control characters as Windows-1252, and drops those that are no characters.
void append_numbered(UChar32 c, std::string& out) {
  const bool is_control = c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r');
  if (c >= 0x80 && c <= 0x9f)
    append_code_point(out, windows_1252(c));
  else if (c == 0 || c > UCHAR_MAX_VALUE || U_IS_SURROGATE(c))
    out += "\ufffd";
  else if (!is_control && !U_IS_UNICODE_NONCHAR(c))
    append_code_point(out, c);
}

// "&#39;" or "&#x27;", the semicolon being optional.
std::size_t replace_number(std::string_view text, std::string& out) {
  if (text.size() < 3 || text[1] != '#') return 0;
  const bool hexadecimal = text[2] == 'x' || text[2] == 'X';
  const std::size_t first = hexadecimal ? 3 : 2;
  const std::size_t end = std::min(
      text.find_first_not_of(hexadecimal ? "0123456789abcdefABCDEF" : "0123456789", first), text.size());
  if (end == first) return 0;
  std::uint32_t number = 0;
  const auto [last, problem] =
      std::from_chars(text.data() + first, text.data() + end, number, hexadecimal ? 16 : 10);
  const bool too_large = problem != std::errc() || number > UCHAR_MAX_VALUE;
  append_numbered(too_large ? UCHAR_MAX_VALUE + 1 : UChar32(number), out);
  return end + (end < text.size() && text[end] == ';');
}

class Names {
 public:
  Names() {
    std::istringstream items{std::string(kHtmlEntityTable)};
    for (std::string item; items >> item;) {
      const std::size_t mark = item.find_first_of(":=");
      const std::string name = item.substr(0, mark);
      std::string value;
      for (std::size_t at = mark; at < item.size(); at = std::min(item.find(',', at + 1), item.size()))
        append_code_point(value, UChar32(std::stoul(item.substr(at + 1), nullptr, 16)));
      if (item[mark] == ':') standard_.emplace(name, value);
      standard_.emplace(name + ";", value);
    }
    for (const auto& [name, value] : standard_) add_capitals(name, value);
  }

  // "&amp;" and "&ampx": the longest name that HTML 5 has.
  std::size_t replace(std::string_view text, std::string& out) const {
    std::size_t end = 1;
    for (int count = 0; count < 32 && end < text.size() && !is_stop(text[end]); ++count)
      U8_FWD_1(text.data(), end, text.size());
    if (end < text.size() && text[end] == ';') ++end;
    for (; end >= 3; --end)
      if (const auto found = standard_.find(std::string(text.substr(1, end - 1))); found != standard_.end()) {
        out += found->second;
        return end;
      }
    return 0;
  }

  // The value of "amp;" or "NTILDE;"; nullptr where there is none.
  const std::string* find_whole(const std::string& name) const {
    for (const auto* names : {&standard_, &capitals_})
      if (const auto found = names->find(name); found != names->end()) return &found->second;
    return nullptr;
  }

 private:
  static bool is_stop(char c) { return std::string_view("\t\n\f <&#;").find(c) != std::string_view::npos; }

  // The name in capitals stands for the value in capitals, unless HTML reads those as something else.
  void add_capitals(const std::string& name, const std::string& value) {
    if (!name.ends_with(';') || std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }))
      return;
    std::string capitals = name, ignored;
    for (char& c : capitals)
      if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
    if (replace("&" + capitals, ignored)) return;
    std::string upper;
    icu::StringByteSink<std::string> sink(&upper);
    UErrorCode status = U_ZERO_ERROR;
    icu::CaseMap::utf8ToUpper("", 0, value, sink, nullptr, status);
    ULS_ASSERT(U_SUCCESS(status), "ICU: {}", u_errorName(status));
    capitals_.emplace(capitals, upper);
  }

  std::unordered_map<std::string, std::string> standard_, capitals_;
};

const Names& names() {
  static const Names table;
  return table;
}

}  // namespace

std::string unescape_html(std::string_view text) {
  return replace_references(text, [](std::string_view rest, std::string& out) {
    const std::size_t taken = replace_number(rest, out);
    return taken ? taken : names().replace(rest, out);
  });
}

std::string unescape_html_strictly(std::string_view text) {
  return replace_references(text, [](std::string_view rest, std::string& out) -> std::size_t {
    constexpr std::size_t kLongest = 24;
    const std::size_t first = rest.starts_with("&#") ? 2 : 1;
    std::size_t end = first;
    while (end < rest.size() && is_alphanumeric(rest[end])) ++end;
    if (end == first || end - first > kLongest || end == rest.size() || rest[end] != ';') return 0;
    const std::string_view whole = rest.substr(0, end + 1);
    if (first == 2) {
      // "&#59;", a semicolon, is left to html.unescape.
      std::string value;
      if (replace_number(whole, value) != whole.size() || value == ";") return 0;
      out += value;
    } else {
      const std::string* value = names().find_whole(std::string(whole.substr(1)));
      if (!value) return 0;
      out += *value;
    }
    return whole.size();
  });
}

}  // namespace uls
