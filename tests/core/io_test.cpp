// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"
#include "tests/core/io_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;
using Catch::Matchers::Contains;

// Permissions bind everybody but the superuser.
class Unprivileged {
 public:
  Unprivileged() : was_(geteuid()) {
    if (was_ == 0) REQUIRE(seteuid(65534) == 0);
  }
  ~Unprivileged() {
    if (seteuid(was_) != 0) std::abort();
  }

 private:
  uid_t was_;
};

TEST_CASE("io: a mapped file shows the bytes and outlives its name") {
  const Folder folder;
  const std::string path = folder / "a";
  put(path, "hello");
  const auto file = std::make_shared<const MappedFile>(path);
  CHECK(file->size() == 5);
  CHECK(file->path() == path);
  fs::remove(path);
  CHECK(std::string(file->data(), 5) == "hello");
}

TEST_CASE("io: writing into a mapping does not reach the file") {
  const Folder folder;
  const std::string path = folder / "a";
  put(path, "hello");
  const MappedFile file(path);
  file.data()[0] = 'J';
  CHECK(std::string(file.data(), 5) == "Jello");
  CHECK(get(path) == "hello");
}

TEST_CASE("io: mapping what is no readable file names the path and the reason") {
  const Folder folder;
  const auto refusal = [](const std::string& path) { return error_of([&] { MappedFile file(path); }); };
  CHECK(refusal(folder / "none") ==
        "read " + folder / "none" +
            ": cannot be opened; got No such file or directory; expected a readable file");
  CHECK(refusal(folder.path()) ==
        "read " + folder.path() + ": not a regular file; got a folder; expected a file");
  put(folder / "empty", "");
  CHECK(refusal(folder / "empty") ==
        "read " + folder / "empty" + ": the file is empty; got 0 bytes; expected some");
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(refusal(folder / "pipe"), Contains("not a regular file; got a device, pipe or socket"));
  put(folder / "secret", "x");
  fs::permissions(folder / "secret", fs::perms::none);
  const Unprivileged user;
  CHECK_THAT(refusal(folder / "secret"), Contains("secret: cannot be opened; got Permission denied"));
}

TEST_CASE("io: an atomic file appears on commit, in place of the old one") {
  const Folder folder;
  const std::string path = folder / "a";
  put(path, "old");
  AtomicFile file(path);
  file.write("new ", 4);
  file.write("text", 4);
  CHECK(get(path) == "old");
  CHECK(folder.names().size() == 2);
  file.commit();
  CHECK(get(path) == "new text");
  CHECK(folder.names() == std::vector<std::string>{"a"});
  CHECK_THROWS_AS(file.write("x", 1), Bug);
  CHECK_THROWS_AS(file.commit(), Bug);
}

TEST_CASE("io: an atomic file in the working folder, and two of one name at once") {
  const Folder folder;
  const auto before = fs::current_path();
  fs::current_path(folder.path());
  {
    AtomicFile first("a"), second("a");
    first.write("1", 1);
    second.write("2", 1);
    first.commit();
    second.commit();
  }
  fs::current_path(before);
  CHECK(get(folder / "a") == "2");
  CHECK(folder.names().size() == 1);
}

TEST_CASE("io: a new file has the permissions that the process gives to files") {
  const Folder folder;
  const mode_t mask = umask(027);
  AtomicFile file(folder / "a");
  umask(mask);
  file.commit();
  CHECK(fs::status(folder / "a").permissions() == fs::perms(0640));
}

TEST_CASE("io: an exception midway leaves the old file and nothing else") {
  const Folder folder;
  put(folder / "a", "old");
  const auto broken = [&] {
    AtomicFile file(folder / "a");
    file.write("half", 4);
    throw std::runtime_error("midway");
  };
  CHECK_THROWS_WITH(broken(), "midway");
  CHECK(get(folder / "a") == "old");
  CHECK(folder.names().size() == 1);
}

TEST_CASE("io: a full disk leaves the old file and nothing else") {
  const Folder folder;
  put(folder / "a", "old");
  const std::string block(48 << 10, 'x');
  AtomicFile file(folder / "a");
  std::string message;
  {
    const SizeLimit limit(64 << 10);
    file.write(block.data(), 48 << 10);
    message = error_of([&] { file.write(block.data(), 48 << 10); });
  }
  CHECK(message ==
        "write " + folder / "a" + ": stopped after 64.0 KiB; got File too large; expected enough free space");
  CHECK(get(folder / "a") == "old");
  CHECK(folder.names().size() == 1);
  CHECK_THROWS_AS(file.commit(), Bug);
  CHECK(get(folder / "a") == "old");
}

TEST_CASE("io: places that take no file") {
  const Folder folder;
  const auto refusal = [](const std::string& path) { return error_of([&] { AtomicFile file(path); }); };
  CHECK(refusal(folder / "no/a") ==
        "write " + folder / "no/a" +
            ": cannot be created; got No such file or directory; expected a folder that "
            "exists and may be written to");
  CHECK_THAT(refusal(folder.path()),
             Contains("not a regular file; got a folder; expected a file or a new name"));
  CHECK_THAT(refusal("/dev/full"), Contains("write /dev/full: not a regular file; got a device"));
  fs::create_directory(folder / "locked");
  fs::permissions(folder / "locked", fs::perms(0555));
  const Unprivileged user;
  CHECK_THAT(refusal(folder / "locked/a"), Contains("locked/a: cannot be created; got Permission denied"));
}

TEST_CASE("io: a target that becomes a folder before the commit") {
  const Folder folder;
  AtomicFile file(folder / "a");
  fs::create_directory(folder / "a");
  CHECK(error_of([&] { file.commit(); }) ==
        "write " + folder / "a" +
            ": cannot be renamed to; got Is a directory; expected a folder that may be written to");
  CHECK(folder.names().size() == 1);
}

}  // namespace
}  // namespace uls
