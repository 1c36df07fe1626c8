// SPDX-License-Identifier: Apache-2.0
// What becomes of a text before its words are looked at. The expected texts are those of CLIP's own Python.
#include <catch2/catch.hpp>

#include "data/text/html_entities.h"
#include "data/text/text_cleaning.h"
#include "tests/support/support.h"

using namespace uls;
using namespace std::string_literals;

namespace {

struct Example {
  std::string text, expected;
};

void check_all(const std::vector<Example>& examples, std::string (*function)(std::string_view)) {
  for (const auto& [text, expected] : examples) {
    INFO(text);
    CHECK(function(text) == expected);
  }
}

}  // namespace

TEST_CASE("cleaning: entities, three times over, but once less beside a '<'") {
  check_all({{"&ampamp; &amp;amp; &copy", "& & \u00a9"},
             {"<b>&amp;</b> &copy", "<b>&</b> \u00a9"},
             {"a<b\n&amp;lt;c", "a<b <c"},
             {"&NTILDE;u &SZLIG;", "\u00f1u ss"},
             {"&#x41;&#66&#xd800;&#0;&#x80;&#1;", "ab\ufffd\ufffd\u20ac"},
             {"&amp;lt;b&gt;", "<b>"},
             {"&am\0p; \uff06lt;"s, "& <"},
             {"&amp;amp;amp;amp;amp;", "&"},
             {"&amp;#x1b;[31mx", "[31mx"}},
            clean_text);
}

TEST_CASE("cleaning: characters") {
  check_all({{"\u0093Dog\u0094 \u0080 \u0081", "\"dog\" \u20ac \u0081"},
             {"\ufb01\ufb05 \u0149 \u01c5", "fi\u017ft 'n d\u017e"},
             {"\uff21\uff22\uff23\uff01\u3000\uff76\uff9e \uffa1", "abc! \u30ac \u1100"},
             {"\u2018a\u2019 \u201cb\u201d \u02bc", "'a' \"b\" '"},
             {"e\u0301 \u212b \u037e", "\u00e9 \u00e5 ;"}},
            clean_text);
}

TEST_CASE("cleaning: control characters and terminal escapes") {
  check_all({{"\x1b[1;31mred\x1b[0m \x1b[x", "red"},
             {"\x1b[\u0664\u0665m!", "!"},
             {"\x1b[1\u00e9 \x1b[", "[1\u00e9 ["},
             {"\ufeff"
              "a\0b\x7f"
              "c\u206a"
              "d\ufff9"
              "e\ufffc"s,
              "abcde"},
             {"soft\u00adhyphen\u200b\u200d", "soft\u00adhyphen\u200b\u200d"}},
            clean_text);
}

TEST_CASE("cleaning: white space") {
  check_all({{"", ""},
             {" \t\r\n ", ""},
             {"  two   words\f", "two words"},
             {"a\r\nb\rc\u2028d\u2029e", "a b c d e"},
             {"\u1680 a\u00a0\u2003b\u0085\t", "a b\u2026"},
             {"verti\vcal", "vertical"},
             {"&nbsp;x&nbsp;&Tab;y", "x y"}},
            clean_text);
}

TEST_CASE("cleaning: lower case") {
  check_all({{"The LEFT Dog", "the left dog"},
             {"\u039f\u0394\u039f\u03a3 \u03a3 \u03a3\u0391\u03a3\u0301",
              "\u03bf\u03b4\u03bf\u03c2 \u03c3 \u03c3\u03b1\u03c2\u0301"},
             {"\u0130 I \u1e9e \u01c4", "i\u0307 i \u00df d\u017e"}},
            clean_text);
}

TEST_CASE("cleaning: what is no text of UTF-8 is refused") {
  const auto error = [](const std::string& text) { return test::error_of([&] { clean_text(text); }); };
  CHECK(error("caf\xe9") == "not UTF-8; got byte 0xe9 at place 4; expected UTF-8 text");
  CHECK(error("\x80") == "not UTF-8; got byte 0x80 at place 1; expected UTF-8 text");
  for (const char* text : {"\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xc3("})
    CHECK_THAT(error(text), Catch::StartsWith("not UTF-8; got byte 0x"));
  CHECK(clean_text(std::string(1'000'000, 'A')) == std::string(1'000'000, 'a'));
  CHECK(error(std::string(1'000'001, 'a')) ==
        "a text is too long; got 1000001 bytes; expected at most 1000000");
}

TEST_CASE("entities: as html.unescape reads them") {
  check_all({{"", ""},
             {"&", "&"},
             {"a&b; &; &#; &#x; &#xg;", "a&b; &; &#; &#x; &#xg;"},
             {"&lt &notit; &notin; &ampamp;", "< \u00acit; \u2209 &amp;"},
             {"&acE;&bne;", "\u223e\u0333=\u20e5"},
             {"&CounterClockwiseContourIntegral;", "\u2233"},
             {"&#65;&#65&#x41;&#X41 &#0000000000000065;", "AAAA A"},
             {"&#0;&#xD800;&#x110000;&#99999999999999999999;", "\ufffd\ufffd\ufffd\ufffd"},
             {"&#1;&#x7f;&#xfffe;&#xfdd0;&#x10ffff;", ""},
             {"&#13;&#9;&#x80;&#x81;&#x9f;", "\r\t\u20ac\u0081\u0178"},
             {"&\u4e2d\u6587; &amp\u4e2d", "&\u4e2d\u6587; &\u4e2d"},
             {"&NTILDE;", "&NTILDE;"}},
            unescape_html);
}

TEST_CASE("entities: as ftfy reads them") {
  check_all({{"&amp; &AMP; &amp &ampamp;", "& & &amp &ampamp;"},
             {"&NTILDE;&SZLIG;&nTILDE;&FFILIG;", "\u00d1SS&nTILDE;FFI"},
             {"&#65; &#65 &#x41; &#12ab;", "A &#65 A &#12ab;"},
             {"&#59; &#x3b; &semi;", "&#59; &#x3b; ;"},
             {"&#1;&#x80;", "\u20ac"},
             {"&CounterClockwiseContourIntegral;", "&CounterClockwiseContourIntegral;"},
             {"&; &#; &a;", "&; &#; &a;"}},
            unescape_html_strictly);
}
