// SPDX-License-Identifier: Apache-2.0
#include "core/io/pickle.h"

#include <catch2/catch.hpp>

#include "core/base/error.h"
#include "core/io/pickle_text.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace std::string_literals;
using Catch::Matchers::Contains;
using Kind = PickleValue::Kind;
using test::error_of;

const std::vector<std::string> kAllowed{"demo.Point", "demo.sub.*"};

// A value as Python writes it, down to a few levels.
std::string repr(const PickleValue& value, int depth = 0) {
  if (depth > 5) return "...";
  const auto listed = [&](const auto& items, const char* open, const char* close) {
    std::string text = open;
    for (const PickleValue* item : items) text += (text == open ? "" : ", ") + repr(*item, depth + 1);
    return text + close;
  };
  switch (value.kind()) {
    case Kind::none:
      return "None";
    case Kind::boolean:
      return value.as_bool() ? "True" : "False";
    case Kind::integer:
      return std::to_string(value.as_int64());
    case Kind::large_integer:
      return fmt::format("large({})", value.as_bytes().size());
    case Kind::floating:
      return fmt::format("{}", value.as_double());
    case Kind::text:
      return "'" + std::string(value.as_text()) + "'";
    case Kind::bytes:
      return "b'" + std::string(value.as_bytes()) + "'";
    case Kind::tuple:
      return listed(value.items(), "(", ")");
    case Kind::list:
      return listed(value.items(), "[", "]");
    case Kind::set:
      return listed(value.items(), "set(", ")");
    case Kind::dict: {
      std::string text = "{";
      for (const auto& [key, item] : value.members())
        text += (text == "{" ? "" : ", ") + repr(*key, depth + 1) + ": " + repr(*item, depth + 1);
      return text + "}";
    }
    case Kind::global:
      return std::string(value.as_global());
    case Kind::object:
      return repr(value.callable()) + repr(value.arguments(), depth + 1) +
             (value.state() ? "+" + repr(*value.state(), depth + 1) : "");
    case Kind::persistent:
      return "at " + repr(value.identity(), depth + 1);
  }
  return "?";
}

std::string read(const std::string& bytes) { return repr(Pickle::read(bytes, kAllowed).root()); }

std::string refusal(const std::string& bytes) {
  return error_of([&] { Pickle::read(bytes, kAllowed); });
}

TEST_CASE("pickle: numbers") {
  CHECK(read("N.") == "None");
  CHECK(read("\x88.") == "True");
  CHECK(read("\x89.") == "False");
  CHECK(read("I01\n.") == "True");
  CHECK(read("I00\n.") == "False");
  CHECK(read("I-12\n.") == "-12");
  CHECK(read("L9223372036854775807L\n.") == "9223372036854775807");
  CHECK(read("L5\n.") == "5");
  CHECK(read("K\xff.") == "255");
  CHECK(read("M\x01\x02.") == "513");
  CHECK(read("J\xfe\xff\xff\xff.") == "-2");
  CHECK(read("\x8a\0."s) == "0");
  CHECK(read("\x8a\x01\xff.") == "-1");
  CHECK(read("\x8a\x02\xff\0."s) == "255");
  CHECK(read("\x8a\x08\0\0\0\0\0\0\0\x80."s) == "-9223372036854775808");
  CHECK(read("\x8a\x09\0\0\0\0\0\0\0\x80\0."s) == "large(9)");
  CHECK(read("\x8b\x01\0\0\0\x07."s) == "7");
  CHECK(read("F-1.5e3\n.") == "-1500");
  CHECK(read("Finf\n.") == "inf");
  CHECK(read("G\x3f\xf8\0\0\0\0\0\0."s) == "1.5");
}

TEST_CASE("pickle: texts and bytes of all protocols") {
  CHECK(read("X\x03\0\0\0a\xc3\xa9."s) == "'aé'");
  CHECK(read("\x8c\x02hi.") == "'hi'");
  CHECK(read("\x8d\x02\0\0\0\0\0\0\0hi."s) == "'hi'");
  CHECK(read("Vcaf\xe9 \\u20ac \\U0001F600 \\ud83d\\ude00 a\\b\n.") == "'café € 😀 😀 a\\b'");
  CHECK(read("S'it\\'s\\n\\x41\\t\\\\'\n.") == "'it's\nA\t\\'");
  CHECK(read("S\"plain\"\n.") == "'plain'");
  CHECK(read("S'\\xff'\n.") == "b'\xff'");
  CHECK(read("U\x02hi.") == "'hi'");
  CHECK(read("T\x02\0\0\0\xff\xfe."s) == "b'\xff\xfe'");
  CHECK(read("B\x02\0\0\0hi."s) == "b'hi'");
  CHECK(read("C\x02hi.") == "b'hi'");
  CHECK(read("\x8e\x02\0\0\0\0\0\0\0hi."s) == "b'hi'");
  CHECK(read("\x96\x02\0\0\0\0\0\0\0hi."s) == "b'hi'");
  CHECK(read("c_codecs\nencode\n(X\x03\0\0\0a\xc3\xbfX\x06\0\0\0latin1tR."s) == "b'a\xff'");
  CHECK(read("cbuiltins\nbytearray\n(X\x01\0\0\0aX\x07\0\0\0latin-1tR."s) == "b'a'");
  CHECK(read("cbuiltins\nbytearray\nC\x01"
             "a\x85R.") == "b'a'");
  CHECK(read("c__builtin__\nbytes\n)R.") == "b''");
}

TEST_CASE("pickle: containers") {
  CHECK(read(").") == "()");
  CHECK(read("(t.") == "()");
  CHECK(read("(K\1K\2K\3K\4t.") == "(1, 2, 3, 4)");
  CHECK(read("K\1\x85.") == "(1)");
  CHECK(read("K\1K\2\x86.") == "(1, 2)");
  CHECK(read("K\1K\2K\3\x87.") == "(1, 2, 3)");
  CHECK(read("(K\1K\2l.") == "[1, 2]");
  CHECK(read("]K\1a(K\2K\3e.") == "[1, 2, 3]");
  CHECK(read("(K\1K\2d.") == "{1: 2}");
  CHECK(read("}K\1K\2s(K\3NK\4]u.") == "{1: 2, 3: None, 4: []}");
  CHECK(read("\x8f(K\1K\2\x90.") == "set(1, 2)");
  CHECK(read("(K\1\x91.") == "set(1)");
  CHECK(read("c__builtin__\nset\n]K\1a\x85R.") == "set(1)");
  CHECK(read("cbuiltins\nfrozenset\n)R.") == "set()");
  CHECK(read("ccollections\nOrderedDict\n)R(K\1K\2u}K\5K\6sb.") == "{1: 2}");
  CHECK(read("ccollections\nOrderedDict\n]]K\1aK\2aa\x85R.") == "{1: 2}");
  CHECK(read("ccollections\nCounter\n}K\1K\2s\x85R.") == "{1: 2}");
  CHECK(read("K\7(K\1K\2"
             "1(K\3"
             "0K\4"
             "0"
             "0.") == "7");
  CHECK(read("]2a.") == "[[[[[[...]]]]]]");  // itself
}

TEST_CASE("pickle: the memo") {
  CHECK(read("]q\0K\1a0h\0h\0\x86."s) == "([1], [1])");
  CHECK(read("]p3\n0g3\n.") == "[]");
  CHECK(read("]r\5\0\0\0j\5\0\0\0\x86."s) == "([], [])");
  CHECK(read("\x80\4\x95\5\0\0\0\0\0\0\0]\x94h\0\x86."s) == "([], [])");
  CHECK(refusal("h\0."s) == "byte 0: memo: nothing there; got place 0; expected one used");
  CHECK(refusal("]r\xff\xff\xff\xff.") ==
        "byte 1: memo: place out of range; got 4294967295; expected less than the 7 bytes");
  CHECK_THAT(refusal("]p-1\n."), Contains("byte 1: number: cannot be read; got \"-1\""));
}

TEST_CASE("pickle: names that are allowed become objects") {
  CHECK(read("cdemo\nPoint\n.") == "demo.Point");
  CHECK(read("cdemo\nPoint\n(K\1K\2tR.") == "demo.Point(1, 2)");
  CHECK(read("\x8c\4demo\x8c\5Point\x93)\x81}b.") == "demo.Point()+{}");
  CHECK(read("cdemo\nPoint\n)R}bK\1b.") == "demo.Point()+1");
  CHECK(read("cdemo.sub\nAny.thing\n)}\x92.") == "demo.sub.Any.thing()");
  CHECK(read("(K\1idemo\nPoint\n.") == "demo.Point(1)");
  CHECK(read("(cdemo\nPoint\nK\1o.") == "demo.Point(1)");
  CHECK(read("K\1Q.") == "at 1");
  CHECK(read("Pplace 7\n.") == "at 'place 7'");
}

TEST_CASE("pickle: nothing else is run, whatever way it is named") {
  const std::string end = "; refused; expected nothing but data";
  CHECK(refusal("cos\nsystem\n(S'echo x'\ntR.") == "byte 0: the file wants to run os.system" + end);
  CHECK(refusal("\x80\4\x8c\2os\x8c\6system\x93.") == "byte 14: the file wants to run os.system" + end);
  CHECK(refusal("(S'echo x'\nios\nsystem\n.") == "byte 11: the file wants to run os.system" + end);
  CHECK(refusal("c__builtin__\neval\n.") == "byte 0: the file wants to run builtins.eval" + end);
  CHECK(refusal("cdemo\nPoints\n.") == "byte 0: the file wants to run demo.Points" + end);
  CHECK(refusal("cdemo\nsub\n.") == "byte 0: the file wants to run demo.sub" + end);
  CHECK(refusal("\x8c\4"
                "a\x1b\"\xc3\xa9\x8c\1.\x93.") ==
        "byte 0: text: not UTF-8; got \"a\\x1b\\\"\\xc3\"; expected characters");
  CHECK(refusal("\x8c\4"
                "a\n\xc3\xa9\x8c\1x\x93.") == "byte 9: the file wants to run a\\né.x" + end);
  CHECK(refusal("K\1)R.") == "byte 3: wrong kind of value; got a whole number; expected a class or function");
  CHECK_THAT(refusal("\x82\1."), Contains("unknown opcode; got 0x82"));  // a registered class
  CHECK_THAT(refusal("\x97."), Contains("unknown opcode; got 0x97"));    // a buffer from outside
}

TEST_CASE("pickle: a broken one is one error with its place") {
  CHECK(refusal("") == "byte 0: cut off; got 0 more bytes; expected 1");
  CHECK(refusal("K") == "byte 0: cut off; got 0 more bytes; expected 1");
  CHECK(refusal(".") == "byte 0: the end leaves 0 values; got STOP; expected one value");
  CHECK_THAT(refusal("NN."), Contains("byte 2: the end leaves 2 values"));
  CHECK_THAT(refusal("N(."), Contains("byte 2: the end leaves 1 values"));
  CHECK(refusal("0.") == "byte 0: nothing on the stack; got 0 values; expected one");
  CHECK(refusal("N(R.") == "byte 2: nothing on the stack; got 0 values; expected one");
  CHECK(refusal("K\1\x86.") == "byte 2: too few values on the stack; got 1; expected 2");
  CHECK(refusal("t.") == "byte 0: no mark on the stack; got none; expected one");
  CHECK(refusal("NK\1a.") == "byte 3: items for what takes none; got None; expected a list");
  CHECK(refusal("](K\1u.") == "byte 4: set items: no dict; got a list; expected a dict");
  CHECK(refusal("}(K\1u.") == "byte 4: set items: a key without a value; got 1 values; expected pairs");
  CHECK(refusal("]Nb.") == "byte 2: state for what has none; got a list; expected an object");
  CHECK(refusal("(o.") == "byte 1: object without a class; got OBJ; expected a mark and a class");
  CHECK(refusal("cdemo\nPoint\n]R.") == "byte 13: arguments: no tuple; got a list; expected a tuple");
  CHECK(refusal("cdemo\nPoint\n)}K\1K\2s\x92.") == "byte 19: named arguments; got some; expected none");
  CHECK(refusal("\x80\x06N.") == "byte 0: protocol too new; got 6; expected at most 5");
  CHECK_THAT(refusal("\x95\xff\0\0\0\0\0\0\0N."s),
             Contains("byte 0: cut off; got 2 more bytes; expected 255"));
  CHECK_THAT(refusal("X\xff\xff\xff\xffhi."), Contains("cut off; got 3 more bytes; expected 4294967295"));
  CHECK_THAT(refusal("\x8d\xff\xff\xff\xff\xff\xff\xff\xffhi."), Contains("cut off"));
  CHECK_THAT(refusal("I1"), Contains("cut off; got no line end"));
  CHECK_THAT(refusal("I9223372036854775808\n."), Contains("number: cannot be read"));
  CHECK_THAT(refusal("F1.5x\n."), Contains("got \"1.5x\"; expected a number"));
  CHECK_THAT(refusal("S'a\n."), Contains("string without quotes"));
  CHECK_THAT(refusal("S'\\q'\n."), Contains("string: unknown escape; got \"\\\\q\""));
  CHECK_THAT(refusal("S'\\x4'\n."), Contains("string: unknown escape"));
  CHECK_THAT(refusal("V\\ud83d\n."), Contains("text: no character has this number; got 0xd83d"));
  CHECK_THAT(refusal("V\\U00110000\n."), Contains("no character has this number"));
  CHECK_THAT(refusal("ccollections\nOrderedDict\n]]K\1aa\x85R."),
             Contains("dict: an item that is no pair; got 1"));
  CHECK_THAT(refusal("c_codecs\nencode\n(X\1\0\0\0aX\4\0\0\0rot1tR."s),
             Contains("bytes: unknown encoding; got \"rot1\""));
  CHECK_THAT(refusal("c_codecs\nencode\n(X\3\0\0\0\xe2\x82\xacX\6\0\0\0latin1tR."s),
             Contains("bytes: a character above 255"));
}

TEST_CASE("pickle: every cut of a good one is refused") {
  const std::string whole =
      "\x80\4\x95\x20\0\0\0\0\0\0\0}q\0(X\1\0\0\0a]K\1aX\1\0\0\0b"
      "cdemo\nPoint\n)RV\\u20ac\nG\0\0\0\0\0\0\0\0\x86."s;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO("first " << size << " bytes");
    CHECK_THROWS_AS(Pickle::read(std::string_view(whole).substr(0, size), kAllowed), Error);
  }
}

TEST_CASE("pickle: memory stays in proportion to the bytes") {
  // One text of 1000 characters, decoded as bytes again and again.
  std::string greedy = "c_codecs\nencode\nq\0(X\xe8\3\0\0"s + std::string(1000, 'a') +
                       "X\6\0\0\0latin1tq\1"
                       "0("s;
  for (int i = 0; i < 1000; ++i) greedy += "h\0h\1R"s;
  CHECK_THAT(refusal(greedy + "l."), Contains("copies grow beyond the pickle"));
  // Each list holds the one before twice: 2^40 values for who walks, a few here.
  std::string doubling = "]";
  for (int i = 0; i < 40; ++i) doubling += "2\x86";
  CHECK(Pickle::read(doubling + ".", kAllowed).values() < 50);
  // Deep nesting takes no stack, neither reading nor dropping it.
  const std::string deep(1'000'000, ']');
  CHECK(Pickle::read(deep + std::string(999'999, 'a') + ".", kAllowed).values() > 1'000'000);
}

TEST_CASE("pickle: several in a row, and look-ups") {
  const std::string bytes = "K\1.K\2.";
  const Pickle first = Pickle::read(bytes, {});
  CHECK(first.size() == 3);
  CHECK(Pickle::read(std::string_view(bytes).substr(3), {}).root().as_int64() == 2);
  const std::string text = "}X\1\0\0\0aK\1sX\1\0\0\0aK\2sK\5Ns."s;
  const Pickle dict = Pickle::read(text, {});
  CHECK(dict.root().find("a")->as_int64() == 2);
  CHECK(dict.root().find("b") == nullptr);
  CHECK(dict.root().find("a")->as_double() == 2);
  CHECK(error_of([&] { dict.root().items(); }) ==
        "wrong kind of value; got a dict; expected a tuple, list or set");
  CHECK(error_of([&] { dict.root().find("a")->as_text(); }) ==
        "wrong kind of value; got a whole number; expected a text");
}

}  // namespace
}  // namespace uls
