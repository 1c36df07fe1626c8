// SPDX-License-Identifier: Apache-2.0
#include "data/format/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "data/format/data_error.h"

namespace uls {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw DataError(fmt::format("{}: {}; expected a file with content", path, what));
}

std::string reason() { return "cannot be read; got " + system_reason(); }

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

}  // namespace

std::string read_file_bytes(const std::string& path) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status {};
  if (file.number < 0 || fstat(file.number, &status) != 0) refuse(path, reason());
  if (!S_ISREG(status.st_mode)) refuse(path, "not a regular file");
  if (status.st_size == 0) refuse(path, "the file is empty; got 0 bytes");
  std::string bytes(std::size_t(status.st_size), '\0');
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = read(file.number, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(path, reason());
    if (count == 0) refuse(path, "shortened while it was read");
    done += std::size_t(count);
  }
  return bytes;
}

std::shared_ptr<const MappedFile> map_data_file(const std::string& path) {
  return as_data_error([&] { return std::make_shared<const MappedFile>(path); });
}

}  // namespace uls
