// SPDX-License-Identifier: Apache-2.0
// The command as users run it.
#include <catch2/catch.hpp>

#include <sstream>

#include "core/json/json.h"
#include "data/text/clip_tokenizer.h"
#include "tests/support/process.h"

using namespace uls;

namespace {

// `text`, in the language of printf, is the standard input.
test::ProcessResult tokenize(const std::string& text, const std::string& options = "") {
  return test::run_process({"sh", "-c", "printf '" + text + "' | " ULS_PROGRAM " tokenize " + options});
}

}  // namespace

TEST_CASE("tokenize: one list a line") {
  const auto result = tokenize("A cat\\n\\n  the  LEFT  dog", "--length 6");
  CHECK(result.err.empty());
  CHECK(result.code == 0);
  CHECK(result.out ==
        "[49406, 320, 2368, 49407, 0, 0]\n"
        "[49406, 49407, 0, 0, 0, 0]\n"
        "[49406, 518, 1823, 1929, 49407, 0]\n");
  CHECK(tokenize("a cat\\r\\n").out == "[49406, 320, 2368, 49407, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n");
  CHECK(tokenize("").out == "");
}

TEST_CASE("tokenize: many lines keep their order") {
  const auto result =
      test::run_process({"sh", "-c", "seq 200000 | " ULS_PROGRAM " tokenize --length 8"}, {"ULS_THREADS=3"});
  CHECK(result.code == 0);
  std::istringstream lines(result.out);
  std::string line;
  std::int64_t number = 0;
  while (std::getline(lines, line)) {
    ++number;
    if (number % 1000) continue;
    std::vector<std::int32_t> row;
    const Json list = Json::parse(line, "row");
    for (const Json& id : list.items()) row.push_back(std::int32_t(id.as_int64()));
    REQUIRE(row == ClipTokenizer::instance().encode_row(std::to_string(number), 8));
  }
  CHECK(number == 200000);
}

TEST_CASE("tokenize: mistakes are one line") {
  const auto bad_byte = tokenize("fine\\ncaf\\351\\n");
  CHECK(bad_byte.code == 2);
  CHECK(bad_byte.out.empty());
  CHECK(bad_byte.err ==
        "unilseg: error: tokenize: line 2: not UTF-8; got byte 0xe9 at place 4; expected UTF-8 text\n");
  for (const char* length : {"1", "0", "-3", "10000000"}) {
    const auto wrong = tokenize("a cat\\n", "--length=" + std::string(length));
    CHECK(wrong.code == 2);
    CHECK(wrong.err == "unilseg: error: tokenize: --length: wrong value; got " + std::string(length) +
                           "; expected 2 to 1000000\n");
  }
  const auto folder = test::run_process({"sh", "-c", ULS_PROGRAM " tokenize < /"});
  CHECK(folder.code == 2);
  CHECK(folder.err == "unilseg: error: tokenize: the input cannot be read: Is a directory\n");
}
