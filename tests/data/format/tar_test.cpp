// SPDX-License-Identifier: Apache-2.0
// The tar reader and writer against Python's tarfile and against damaged archives.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "core/base/error.h"
#include "core/io/mapped_file.h"
#include "data/format/tar.h"
#include "tests/core/io_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;

namespace {

using Files = std::map<std::string, std::string>;

Files read_all(std::string_view archive, const std::string& where = "a.tar") {
  Files files;
  TarReader reader(archive, where);
  while (const auto entry = reader.next()) files[entry->name] = entry->content;
  CHECK(reader.position() == std::int64_t(archive.size()));
  return files;
}

std::string fault(std::string_view archive) {
  return test::error_of([&] { read_all(archive); });
}

std::string small_archive() {
  std::string archive;
  append_tar_entry(archive, "000000000.json", "{}");
  append_tar_entry(archive, "000000000.jpg", std::string(700, 'j'));
  append_tar_end(archive);
  return archive;
}

// The checksum of the header at `at` made right again after a change.
void reseal(std::string& archive, std::size_t at = 0) {
  int sum = 0;
  archive.replace(at + 148, 8, 8, ' ');
  for (std::size_t i = at; i < at + 512; ++i) sum += static_cast<unsigned char>(archive[i]);
  archive.replace(at + 148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
}

std::string fault_after(std::size_t at, std::string_view bytes) {
  std::string archive = small_archive();
  archive.replace(at, bytes.size(), bytes);
  reseal(archive);
  return fault(archive);
}

}  // namespace

TEST_CASE("tar: what was written is read") {
  const std::string archive = small_archive();
  CHECK(archive.size() == 512 + 512 + 512 + 1024 + 1024);
  CHECK(read_all(archive) == Files{{"000000000.json", "{}"}, {"000000000.jpg", std::string(700, 'j')}});
  TarReader from_second(archive, "a.tar", 1024);
  CHECK(from_second.next()->name == "000000000.jpg");
  std::string empty;
  append_tar_end(empty);
  CHECK(read_all(empty).empty());
}

TEST_CASE("tar: contents of every size around a block") {
  for (std::size_t size : {0, 1, 511, 512, 513, 1024, 5000}) {
    std::string archive;
    append_tar_entry(archive, "x", std::string(size, 'x'));
    append_tar_end(archive);
    CHECK(archive.size() % 512 == 0);
    CHECK(read_all(archive) == Files{{"x", std::string(size, 'x')}});
  }
}

TEST_CASE("tar: names that cannot be written") {
  std::string archive;
  for (const std::string& name : {std::string(), std::string("/etc/passwd"), std::string("a/../../b"),
                                  std::string(".."), std::string("a\0b", 3), std::string("a/")})
    CHECK(test::error_of([&] {
            append_tar_entry(archive, name, "");
          }).starts_with("tar: path leaves the root; got \""));
  CHECK(test::error_of([&] {
          append_tar_entry(archive, std::string(101, 'n'), "");
        }).starts_with("tar: a long name; got \"nnn"));
  CHECK(archive.empty());
  append_tar_entry(archive, "a..b/..c", "");
  CHECK(archive.size() == 512);
}

TEST_CASE("tar: cut off at any byte") {
  const std::string archive = small_archive();
  for (std::size_t size = 0; size < archive.size(); ++size) {
    const std::string text = fault(std::string_view(archive).substr(0, size));
    CHECK(text.starts_with("a.tar, byte "));
    CHECK(text.find("the archive is cut off") != std::string::npos);
  }
  CHECK(fault(std::string_view(archive).substr(0, 1300)) ==
        "a.tar, byte 1024: the archive is cut off in a header; got 276 more bytes; expected 512");
}

TEST_CASE("tar: any flipped bit outside of the contents is found") {
  const std::string archive = small_archive();
  for (std::size_t byte = 0; byte < archive.size(); ++byte) {
    if ((byte >= 512 && byte < 514) || (byte >= 1536 && byte < 2236)) continue;  // contents
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = archive;
      damaged[byte] = char(damaged[byte] ^ (1 << bit));
      // Which blanks surround its number is all the same.
      const bool in_checksum = byte % 1024 >= 148 && byte % 1024 < 156;
      if (in_checksum && (damaged[byte] == ' ' || damaged[byte] == 0)) continue;
      INFO(byte << " bit " << bit);
      CHECK(fault(damaged).starts_with("a.tar, byte "));
    }
  }
}

TEST_CASE("tar: damage is named") {
  CHECK(fault_after(124, "00000000009").ends_with("got \"00000000009\\x00\" for the size; expected digits"));
  CHECK(fault_after(124, "            ").find("no octal number") != std::string::npos);
  CHECK(fault_after(124, "\x80").find("a number in base 256; got it for the size") != std::string::npos);
  CHECK(fault_after(124, "77777777777").find("the archive is cut off in a file's content") !=
        std::string::npos);
  CHECK(fault_after(257, "unique").find("no tar of a known form") != std::string::npos);
  CHECK(fault_after(0, "/") ==
        "a.tar, byte 0: path leaves the root; got \"/00000000.json\"; expected names with '/' between");
  CHECK(fault_after(0, "a/../../x.json").find("path leaves the root; got \"a/../../x.json\"") !=
        std::string::npos);
  CHECK(fault_after(0, std::string(14, '\0')).find("path leaves the root; got \"\"") != std::string::npos);
  CHECK(fault_after(156, "1").find("a hard link in the archive; got \"000000000.json\"") !=
        std::string::npos);
  CHECK(fault_after(156, "2").find("a symbolic link in the archive") != std::string::npos);
  CHECK(fault_after(156, "3").find("a character device in the archive") != std::string::npos);
  CHECK(fault_after(156, "S").find("a sparse file in the archive") != std::string::npos);
  CHECK(fault_after(156, "Z").find("kind \"Z\" in the archive") != std::string::npos);
  CHECK(fault_after(156, "x").find("no pax record; got \"{}\"") != std::string::npos);

  std::string archive = small_archive();
  archive[0] = '1';
  CHECK(fault(archive) == "a.tar, byte 0: the header's checksum is wrong; got 3960; expected 3959");
  archive = small_archive();
  archive[515] = 'x';
  CHECK(fault(archive) ==
        "a.tar, byte 0: the padding of a file's content is damaged; got other bytes; expected zeros");
  CHECK(fault(small_archive() + "x").find("bytes behind the end of the archive") != std::string::npos);
}

TEST_CASE("tar: archives of Python's tarfile are read", "[program]") {
  const std::string program = test::python_with("tarfile");
  if (program.empty()) ULS_SKIP("python", "no Python with tarfile");
  const test::Folder folder;
  const char* const script = R"(
import io, sys, tarfile
for name, form in ('gnu', tarfile.GNU_FORMAT), ('pax', tarfile.PAX_FORMAT), ('ustar', tarfile.USTAR_FORMAT):
    with tarfile.open(f'{sys.argv[1]}/{name}.tar', 'w', format=form) as tar:
        folder = tarfile.TarInfo('deep'); folder.type = tarfile.DIRTYPE; tar.addfile(folder)
        long = 'deep/' + 'a' * 80 + '/' + 'b' * 80 + '.jpg'
        longest = 'c' * 60 + '/' + 'd' * 200 if form != tarfile.USTAR_FORMAT else 'short'
        for n, text in (('0.json', b'{}'), (long, b'j' * 600), (longest, b'l'), ('\u00fc.png', b'')):
            info = tarfile.TarInfo(n)
            info.size = len(text)
            info.mtime = 1234567890.5 if form == tarfile.PAX_FORMAT else 5
            tar.addfile(info, io.BytesIO(text))
)";
  test::run_python(program, script, folder.path());
  for (const std::string form : {"gnu", "pax", "ustar"}) {
    const MappedFile file(folder / (form + ".tar"));
    const std::string longest =
        form == "ustar" ? "short" : std::string(60, 'c') + "/" + std::string(200, 'd');
    CHECK(read_all({file.data(), std::size_t(file.size())}) ==
          Files{{"0.json", "{}"},
                {"deep/" + std::string(80, 'a') + "/" + std::string(80, 'b') + ".jpg", std::string(600, 'j')},
                {longest, "l"},
                {"\u00fc.png", ""}});
  }
}

TEST_CASE("tar: Python's tarfile reads ours", "[program]") {
  const std::string program = test::python_with("tarfile");
  if (program.empty()) ULS_SKIP("python", "no Python with tarfile");
  const test::Folder folder;
  test::put(folder / "a.tar", small_archive());
  CHECK(test::run_python(program, R"(
import sys, tarfile
with tarfile.open(sys.argv[1]) as tar:
    for info in tar:
        print(info.name, info.size, info.isreg(), oct(info.mode), info.uid, info.gid, info.mtime,
              tar.extractfile(info).read()[:3])
)",
                         folder / "a.tar") ==
        "000000000.json 2 True 0o644 0 0 0 b'{}'\n000000000.jpg 700 True 0o644 0 0 0 b'jjj'\n");
}
