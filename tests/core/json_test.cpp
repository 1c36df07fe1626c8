// SPDX-License-Identifier: Apache-2.0
#include "core/json/json.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "core/base/error.h"
#include "tests/support/support.h"

using uls::Json;

namespace {

std::string parse_error(const std::string& text) {
  return uls::test::error_of([&] { Json::parse(text, "a.json"); });
}

std::string scratch(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("uls_json_test_" + name)).string();
}

}  // namespace

TEST_CASE("json: values of every kind, members in their order") {
  const Json value = Json::parse(R"({"z": [1, -2.5, true, null], "a": {"b": "x"}, "m": false})", "a.json");
  REQUIRE(value.size() == 3);
  CHECK(value.members()[0].key == "z");
  CHECK(value.members()[1].key == "a");
  CHECK(value.members()[2].key == "m");
  CHECK(value.at("z")[0].as_int64() == 1);
  CHECK(value.at("z")[0].as_double() == 1.0);
  CHECK(value.at("z")[1].as_double() == -2.5);
  CHECK(value.at("z")[2].as_bool());
  CHECK(value.at("z")[3].is_null());
  CHECK(value.at("a").at("b").as_string() == "x");
  CHECK_FALSE(value.at("m").as_bool());
  CHECK(value.find("none") == nullptr);
  CHECK(value.dump() == R"({"z":[1,-2.5,true,null],"a":{"b":"x"},"m":false})");
  CHECK(Json::parse(value.dump(2), "b.json") == value);
  CHECK(Json::parse("{}", "a.json").dump() == "{}");
  CHECK(Json::parse("[]", "a.json") == Json::array());
}

TEST_CASE("json: building") {
  Json value = Json::object({{"name", "swin"}, {"sizes", Json::array({2, 2, 18})}});
  value.set("rate", 0.5).set("on", true).set("name", std::string("clip"));
  Json list = Json::array();
  list.push_back(std::int64_t{7}).push_back(Json());
  value.set("list", list);
  CHECK(value.dump() == R"({"name":"clip","sizes":[2,2,18],"rate":0.5,"on":true,"list":[7,null]})");
  CHECK(Json::array({1, 2}).dump(2) == "[\n  1,\n  2\n]");
  CHECK_FALSE(Json(1) == Json(1.0));
  CHECK(uls::test::error_of([] { Json(3).set("a", 1); }) ==
        "json: wrong kind of value; got a whole number; expected an object");
  CHECK(uls::test::error_of([] { Json::object().push_back(1); }) ==
        "json: wrong kind of value; got an object; expected an array");
}

TEST_CASE("json: int64 and double survive a round trip bit for bit") {
  constexpr auto least = std::numeric_limits<std::int64_t>::min(),
                 most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t number : {least, least + 1, std::int64_t{0}, (std::int64_t{1} << 53) + 1, most})
    CHECK(Json::parse(Json(number).dump(), "n").as_int64() == number);
  CHECK(Json::parse("-9223372036854775808", "n").as_int64() == least);

  using Limits = std::numeric_limits<double>;
  for (const double number : {0.1, 1.0 / 3, -0.0, 5.0, 1e300, 123456789.123456789, Limits::max(),
                              Limits::min(), Limits::denorm_min(), Limits::epsilon(), 9007199254740993.0}) {
    const Json back = Json::parse(Json(number).dump(), "n");
    CHECK_FALSE(back.is_int64());
    const double read = back.as_double();
    CHECK(std::memcmp(&read, &number, sizeof(double)) == 0);
  }
  CHECK(Json(5.0).dump() == "5.0");
}

TEST_CASE("json: what JSON cannot hold is an error, not a null") {
  CHECK(uls::test::error_of([] { Json(std::nan("")).dump(); }) ==
        "json: nan cannot be written; expected a finite number");
  CHECK(uls::test::error_of([] { Json::array({-INFINITY}).dump(); }) ==
        "json: -inf cannot be written; expected a finite number");
  CHECK_THAT(uls::test::error_of([] { Json("\xff\xfe").dump(); }),
             Catch::StartsWith("json: cannot be written: invalid UTF-8"));
}

TEST_CASE("json: unicode and escapes") {
  const std::string text = "gr\xc3\xbc\xc3\x9f \xe7\x8c\xab \xf0\x9f\x90\x88 \" \\ \n \t \x01";
  const Json back = Json::parse(Json(text).dump(), "u");
  CHECK(back.as_string() == text);
  CHECK(Json::parse(R"("\u00fc\ud83d\udc08")", "u").as_string() == "\xc3\xbc\xf0\x9f\x90\x88");
  CHECK(Json::parse("\"a\\u0000b\"", "u").as_string() == std::string("a\0b", 3));
  CHECK_THAT(parse_error("\"\xc3\x28\""),
             Catch::StartsWith("a.json:1:3: not JSON:") && Catch::Contains("ill-formed UTF-8"));
  CHECK_THAT(parse_error("\"\xed\xa0\x80\""), Catch::Contains("ill-formed UTF-8"));
  CHECK_THAT(parse_error(R"("\ud83d")"), Catch::Contains("surrogate"));
}

TEST_CASE("json: errors name file, line and column") {
  CHECK_THAT(parse_error("{\n  \"a\": 1,\n  b\n}"), Catch::StartsWith("a.json:3:3: not JSON: syntax error"));
  CHECK_THAT(parse_error(""), Catch::StartsWith("a.json:1:1: not JSON:"));
  CHECK_THAT(parse_error("[1,]"), Catch::StartsWith("a.json:1:4: not JSON:"));
  CHECK_THAT(parse_error("[1] 2"), Catch::StartsWith("a.json:1:5: not JSON:"));
  CHECK_THAT(parse_error("NaN"), Catch::StartsWith("a.json:1:"));
  CHECK_THAT(parse_error("[1e400]"), Catch::Contains("not JSON: number overflow parsing '1e400'"));
  CHECK(parse_error("[\n9223372036854775808]") ==
        "a.json:2: whole number out of range; got 9223372036854775808; expected at most 64 bits with sign");
  CHECK(parse_error("123456789012345678901234567890") ==
        "a.json:1: whole number out of range; got 123456789012345678901234567890; expected at most 64 bits "
        "with sign");
  CHECK(parse_error("\n{\"a\": 1, \"b\": 2, \"a\": 3}") == "a.json:2: key 'a' appears twice in one object");
}

TEST_CASE("json: accessors name the place of the value") {
  const Json value =
      Json::parse("{\"a\": 1,\n \"list\": [1,\n 2\n],\n \"s\": \"x\", \"n\": 7\n, \"o\": {\n}}", "a.json");
  CHECK(value.where() == "a.json:1");
  CHECK(value.at("list")[1].where() == "a.json:3");
  CHECK(value.at("n").where() == "a.json:5");
  CHECK(value.at("o").where() == "a.json:6");
  CHECK(uls::test::error_of([&] { value.at("width"); }) == "a.json:1: missing key 'width'");
  CHECK(uls::test::error_of([&] { value.at("o").at("k"); }) == "a.json:6: missing key 'k'");
  CHECK(uls::test::error_of([&] { value.at("s").as_int64(); }) ==
        "a.json:5: wrong kind of value; got a string; expected a whole number");
  CHECK(uls::test::error_of([&] { value.at("s").as_double(); }) ==
        "a.json:5: wrong kind of value; got a string; expected a number");
  CHECK(uls::test::error_of([&] { value.at("list")[2]; }) == "a.json:2: no item 2; got an array of 2");
  CHECK(uls::test::error_of([&] { value.at("list")[-1]; }) == "a.json:2: no item -1; got an array of 2");
  CHECK(uls::test::error_of([&] { value.at("a").find("x"); }) ==
        "a.json:1: wrong kind of value; got a whole number; expected an object");
}

TEST_CASE("json: hostile nesting is an error") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(Json::parse(nested(200), "deep").dump() == nested(200));
  CHECK(uls::test::error_of([&] { Json::parse(nested(201), "deep"); }) ==
        "deep:1: nested too deeply; expected at most 200 levels");
  CHECK(uls::test::error_of([] { Json::parse(std::string(5'000'000, '['), "deep"); }) ==
        "deep:1: nested too deeply; expected at most 200 levels");
  Json tower;
  for (int level = 0; level < 250; ++level) tower = Json::array({tower});
  CHECK(uls::test::error_of([&] { tower.dump(); }) ==
        "json: nested too deeply to write; expected at most 200 levels");
}

TEST_CASE("json: an object with many members is read in time and checked for repeats") {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",\n";
  CHECK(Json::parse(text + "\"last\": 1}", "big").size() == 100'001);
  CHECK(uls::test::error_of([&] { Json::parse(text + "\"k7\": 1}", "big"); }) ==
        "big:1: key 'k7' appears twice in one object");
}

TEST_CASE("json: files") {
  const std::string path = scratch("file.json");
  const Json value = Json::object({{"a", Json::array({1, 2.5, "x"})}});
  uls::write_json_file(path, value);
  CHECK(uls::read_json_file(path) == value);
  std::ofstream(path) << "{\n]";
  CHECK_THAT(uls::test::error_of([&] { uls::read_json_file(path); }),
             Catch::StartsWith(path + ":2:1: not JSON:"));
  std::ofstream(path, std::ios::trunc).close();
  CHECK_THAT(uls::test::error_of([&] { uls::read_json_file(path); }),
             Catch::StartsWith(path + ":1:1: not JSON:"));
  std::filesystem::remove(path);
  CHECK(uls::test::error_of([&] { uls::read_json_file(path); }) == path + ": cannot be opened for reading");
  CHECK(uls::test::error_of([] { uls::write_json_file("/nowhere/a.json", Json(1)); }) ==
        "/nowhere/a.json: cannot be opened for writing");
  CHECK(uls::test::error_of([] { uls::write_json_file("/dev/full", Json(1)); }) ==
        "/dev/full: cannot be written in full; is the disk full?");
  const std::string folder = std::filesystem::temp_directory_path().string();
  CHECK_THAT(uls::test::error_of([&] { uls::read_json_file(folder); }), Catch::StartsWith(folder));
}
