// SPDX-License-Identifier: Apache-2.0
#include "core/io/foreign_text.h"

#include <catch2/catch.hpp>

#include "core/config/text_value.h"

namespace uls {
namespace {

TEST_CASE("foreign text: one line, whatever it holds") {
  CHECK(shown("plain") == "\"plain\"");
  CHECK(shown("") == "\"\"");
  CHECK(shown("a\tb\nc\rd\x1b\x7f") == R"("a\tb\nc\rd\x1b\x7f")");
  CHECK(shown("say \"ü\" \\") == R"("say \"ü\" \\")");
  CHECK(shown("ü\xff") == R"("\xc3\xbc\xff")");
  CHECK(printable("os.system") == "os.system");
}

TEST_CASE("foreign text: long ones end in dots, between characters") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "ü";
  CHECK(printable(text).size() == 123);
  CHECK(is_utf8(printable(text)));
  CHECK(printable("x" + text).size() == 124);
  CHECK(is_utf8(printable("x" + text)));
  CHECK(printable(std::string(120, 'x')) == std::string(120, 'x'));
}

}  // namespace
}  // namespace uls
