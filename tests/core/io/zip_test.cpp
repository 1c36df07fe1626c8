// SPDX-License-Identifier: Apache-2.0
#include "core/io/zip.h"

#include <catch2/catch.hpp>

#include "core/base/error.h"
#include "core/cli/build_facts.h"
#include "core/io/crc32.h"
#include "core/io/zip_writer.h"
#include "tests/core/io/zip_fixture.h"
#include "tests/core/io_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;
using namespace std::string_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

ZipFile opened(const std::string& bytes) {
  return ZipFile(
      std::make_shared<const MappedFile>("made.zip", std::vector<char>(bytes.begin(), bytes.end())));
}

std::string content(const ZipFile& zip, const std::string& name) {
  const ZipEntry* const entry = zip.find(name);
  REQUIRE(entry);
  return std::string(zip.read(*entry).text());
}

std::string refusal(const std::string& bytes) {
  return error_of([&] { opened(bytes); });
}
std::string refusal(const MadeZip& zip) { return refusal(zip.text()); }
std::string refusal(const MadeEntry& entry) { return refusal(MadeZip{.entries = {entry}}); }

const std::string kDeflated("\x4b\x4c\x4a\x4e\x1c\x45\xc4\x21\x00", 9);  // "abc" a hundred times

std::string hundred_abc() {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "abc";
  return text;
}

MadeEntry deflated() {
  const std::string text = hundred_abc();
  return {.name = "d", .data = kDeflated, .method = 8, .size = 300, .checksum = crc32(0, text.data(), 300)};
}

TEST_CASE("crc32: known values, in one go and in pieces") {
  CHECK(crc32(0, "123456789", 9) == 0xCBF43926);
  CHECK(crc32c(0, "123456789", 9) == 0xE3069283);
  CHECK(crc32(0, "", 0) == 0);
  std::string text;
  for (int i = 0; i < 1000; ++i) text += char(i * 37 + i / 7);
  const std::uint32_t whole = crc32(0, text.data(), 1000);
  for (const std::int64_t cut : {0, 1, 15, 16, 17, 500, 999})
    CHECK(crc32(crc32(0, text.data(), cut), text.data() + cut, 1000 - cut) == whole);
}

TEST_CASE("zip: stored entries lie in the file's memory") {
  const ZipFile zip = opened(
      MadeZip{{{.name = "a/x", .data = "hello"}, {.name = "a/", .data = ""}, {.name = "a/ü", .data = "!"}}}
          .text());
  CHECK(zip.entries().size() == 3);
  CHECK(content(zip, "a/x") == "hello");
  CHECK(content(zip, "a/") == "");
  CHECK(content(zip, "a/ü") == "!");
  CHECK(zip.find("x") == nullptr);
  const HeldBytes bytes = zip.read(zip.entries()[0]);
  CHECK(bytes.data == zip.read(zip.entries()[0]).data);
  CHECK(opened(MadeZip().text()).entries().empty());
}

TEST_CASE("zip: data descriptors in their four forms") {
  const std::uint32_t checksum = crc32(0, "hello", 5);
  for (const std::string& signature : {"PK\7\10"s, ""s})
    for (const int width : {4, 8}) {
      const std::string behind = signature + le(checksum, 4) + le(5, width) + le(5, width);
      CHECK(content(opened(MadeZip{{{.name = "x", .data = "hello", .flags = 8, .behind = behind},
                                    {.name = "y", .data = "!"}}}
                               .text()),
                    "x") == "hello");
      CHECK_THAT(
          refusal(MadeEntry{
              .name = "x", .data = "hello", .flags = 8, .behind = behind.substr(0, behind.size() - 1)}),
          StartsWith("entry \"x\": behind the data: no such checksum and sizes"));
    }
  const std::string nothing = "PK\7\10"s + le(0, 12);
  CHECK(content(opened(MadeZip{{{.name = "x", .flags = 8, .behind = nothing}}}.text()), "x") == "");
}

TEST_CASE("zip: sizes and places in 64 bits") {
  const std::string sizes = le(1, 2) + le(16, 2) + le(5, 8) + le(5, 8);
  const std::string with_place =
      le(0x7777, 2) + le(1, 2) + "?" + le(1, 2) + le(24, 2) + le(5, 8) + le(5, 8) + le(0, 8);
  MadeZip made{{{.name = "x", .data = "hello", .extra = with_place, .local_extra = sizes}}};
  std::string text = made.text();
  // All ones in both headers.
  const std::size_t record = text.find("PK\1\2");
  text.replace(18, 8, std::string(8, '\xff'));
  text.replace(record + 20, 8, std::string(8, '\xff'));
  text.replace(record + 42, 4, std::string(4, '\xff'));
  CHECK(content(opened(text), "x") == "hello");
  CHECK_THAT(refusal(std::string(text).replace(text.find(le(5, 8)), 1, "\6")),
             Contains("differs from the directory"));
}

TEST_CASE("zip: deflated entries are unpacked") {
  if (!build_facts().io) ULS_SKIP("zlib", "this build has no zlib (ULS_IO=OFF)");
  CHECK(content(opened(MadeZip{{deflated()}}.text()), "d") == hundred_abc());
  const auto reading = [](const MadeEntry& entry) {
    const ZipFile zip = opened(MadeZip{{entry}}.text());
    return error_of([&] { zip.read(zip.entries()[0]); });
  };
  MadeEntry entry = deflated();
  entry.size = 299;
  CHECK(reading(entry) == "deflated data: too long; got more than 299 bytes; expected no more");
  entry.size = 301;
  CHECK(reading(entry) == "deflated data: wrong size; got 300 bytes and 0 unused; expected 301");
  entry = deflated();
  entry.data += "x";
  CHECK(reading(entry) == "deflated data: wrong size; got 300 bytes and 1 unused; expected 300");
  entry.data = kDeflated.substr(0, 5);
  CHECK_THAT(reading(entry), StartsWith("deflated data: damaged; got"));
  entry.data = "\xff\xff\xff\xff";
  CHECK(reading(entry) == "deflated data: damaged; got invalid block type at byte 1; expected 300 bytes");
  entry = deflated();
  entry.checksum = 7;
  CHECK_THAT(reading(entry), StartsWith("entry \"d\": damaged; got checksum"));
}

TEST_CASE("zip: a build without zlib says so") {
  if (build_facts().io) ULS_SKIP("bare", "this build has zlib (ULS_IO=ON)");
  const ZipFile zip = opened(MadeZip{{deflated()}}.text());
  CHECK_THAT(error_of([&] { zip.read(zip.entries()[0]); }), Contains("this build cannot inflate"));
}

TEST_CASE("zip: a damaged entry is found by its checksum") {
  const ZipFile zip = opened(MadeZip{{{.name = "x", .data = "hello", .checksum = 0x1234}}}.text());
  CHECK(error_of([&] { zip.read(zip.entries()[0]); }) ==
        "entry \"x\": damaged; got checksum 0x3610a686; expected 0x00001234");
}

TEST_CASE("zip: hostile archives are one error on opening") {
  CHECK(refusal("PK\3\4") == "not a zip archive; got 4 bytes; expected at least 22");
  CHECK_THAT(refusal(MadeZip{.entries = {}, .comment = "hi"}),
             Contains("end of the zip archive (cut off, or with a comment)"));
  CHECK_THAT(refusal(MadeZip{{{.name = "a", .data = "1"}, {.name = "a", .data = "2"}}}),
             Contains("entry \"a\": a name twice"));
  CHECK_THAT(refusal(MadeZip{.entries = {{.name = "a"}}, .count = 0}),
             Contains("directory: bytes after its last entry; got 47"));
  CHECK_THAT(refusal(MadeZip{.entries = {{.name = "a"}}, .count = 2}),
             Contains("directory: too short; got 47 bytes for 2 entries"));
  CHECK_THAT(refusal(MadeZip{.entries = {{.name = "a"}}, .before_end = "?"}),
             Contains("directory: wrong place"));
  CHECK_THAT(refusal(MadeZip{.entries = {{.name = "a"}}, .count = 0xFFFF}),
             Contains("zip64 directory missing"));
  CHECK_THAT(refusal(MadeZip{.entries = {{.name = "a"}},
                             .before_end = "PK\6\7"s + le(0, 4) + le(~0ull, 8) + le(1, 4)}),
             Contains("cut off"));

  SECTION("names") {
    for (const std::string& name :
         {""s, "/etc/passwd"s, "../x"s, "a/../x"s, "a/.."s, "./x"s, "a\\x"s, "a\0b"s, "\xff"s})
      CHECK_THAT(refusal(MadeEntry{.name = name}), Contains("unfit name; got "));
  }
  SECTION("features") {
    CHECK_THAT(refusal(MadeEntry{.name = "a", .flags = 1}),
               Contains("entry \"a\": unknown feature; got flags 0x1"));
    CHECK_THAT(refusal(MadeEntry{.name = "a", .method = 12}), Contains("unknown compression; got method 12"));
  }
  SECTION("the two headers") {
    CHECK_THAT(refusal(MadeEntry{.name = "a", .local_name = "b"}),
               Contains("differs from the directory; got \"b\""));
    CHECK_THAT(refusal(MadeEntry{.name = "a", .data = "xy", .local_size = 1}),
               Contains("differs from the directory"));
    CHECK_THAT(refusal(MadeEntry{.name = "a", .offset = 1}), Contains("header before the data: not there"));
    CHECK_THAT(refusal(MadeEntry{.name = "a", .offset = 1000000}), Contains("cut off"));
  }
  SECTION("sizes") {
    CHECK_THAT(refusal(MadeEntry{.name = "a", .data = "xy", .size = 3}),
               Contains("stored, but in another size"));
    CHECK_THAT(refusal(MadeEntry{.name = "a", .data = "xy", .size = 1000, .packed = 1000}),
               Contains("entry \"a\": cut off"));
    CHECK_THAT(refusal(MadeEntry{.name = "a", .data = "xy", .method = 8, .size = 1 << 20}),
               Contains("unpacks to too much; got 1048576 bytes from 2"));
  }
  SECTION("a bomb of many") {
    MadeZip bomb;
    for (int i = 0; i < 100; ++i)
      bomb.entries.push_back(
          {.name = std::to_string(i), .data = std::string(1000, '\0'), .method = 8, .size = 1'000'000});
    CHECK_THAT(refusal(bomb),
               Contains("entry \"") && Contains("the unpacked entries are too large for the file"));
  }
  SECTION("overlaps") {
    // The second entry lies inside of the first one's data.
    const MadeEntry inner{.name = "b", .data = "1"};
    const std::string nested = MadeZip{{inner}}.text().substr(0, 32);
    MadeEntry outer{.name = "a", .data = nested}, hidden = inner;
    hidden.offset = 31;
    MadeZip made{{outer, hidden}};
    CHECK_THAT(refusal(made), Contains("entries overlap; got one from 31 in one until 63"));
  }
}

TEST_CASE("zip: every cut of a good archive is refused") {
  const std::string whole = MadeZip{{{.name = "a", .data = "hello"}, deflated()}}.text();
  for (std::size_t size = 1; size < whole.size(); ++size) {
    INFO("first " << size << " bytes");
    CHECK_THROWS_AS(opened(whole.substr(0, size)), Error);
  }
}

TEST_CASE("zip: what is written is read, aligned and in 64 bits") {
  const Folder folder;
  const std::string path = folder / "a.zip", large(100'000, 'x');
  {
    AtomicFile file(path);
    ZipWriter zip(file);
    zip.add("a/empty", "");
    zip.add("a/text", "hello");
    zip.add("a/large", 100'000, [&](const ConsumeBytes& consume) {
      consume(large.data(), 60'000);
      consume(large.data(), 40'000);
    });
    zip.finish();
    file.commit();
  }
  const ZipFile zip(std::make_shared<const MappedFile>(path));
  REQUIRE(zip.entries().size() == 3);
  for (const ZipEntry& entry : zip.entries()) CHECK(entry.begin % 64 == 0);
  CHECK(content(zip, "a/empty") == "");
  CHECK(content(zip, "a/text") == "hello");
  CHECK(content(zip, "a/large") == large);
  const std::string bytes = get(path);
  for (std::size_t size = bytes.size() - 400; size < bytes.size(); ++size)
    CHECK_THROWS_AS(opened(bytes.substr(0, size)), Error);
  // The large end record contradicts the small one, or its own place.
  const std::size_t end64 = bytes.find("PK\6\6");
  CHECK_THAT(refusal(std::string(bytes).replace(end64 + 4, 1, "\0"s)),
             Contains("zip64 directory: wrong place or size"));
  CHECK_THAT(refusal(std::string(bytes).replace(bytes.size() - 22 + 8, 4, "\1\0\1\0"s)),
             Contains("directories disagree; got 1 and 3"));
  CHECK_THAT(refusal(std::string(bytes).replace(end64, 4, "ABCD")), Contains("zip64 directory: not there"));
  CHECK_THAT(refusal(std::string(bytes).replace(bytes.size() - 22 + 4, 1, "\1")),
             Contains("archive in several parts"));
}

}  // namespace
}  // namespace uls
