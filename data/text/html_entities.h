// SPDX-License-Identifier: Apache-2.0
// HTML's character references ("&amp;", "&#39;") replaced by what they stand for, in valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace uls {

/// As Python's html.unescape, by the rules of HTML 5: numbers with and without a semicolon, wrong numbers
/// replaced or dropped, and the old names also where no semicolon follows ("&ampx" is "&x").
std::string unescape_html(std::string_view text);

/// As ftfy's unescape_html: whole references with a semicolon alone, but names in capitals too where HTML has
/// none of that spelling ("&NTILDE;").
std::string unescape_html_strictly(std::string_view text);

/// The names of HTML 5, separated by blanks and line ends: "amp:26" means U+0026 and that the name also
/// stands without its semicolon, "acE=223E,333" two code points and a name that needs it.
extern const std::string_view kHtmlEntityTable;

}  // namespace uls
