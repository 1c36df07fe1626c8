// SPDX-License-Identifier: Apache-2.0
#include "core/io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/base/error.h"
#include "core/base/strings.h"

namespace uls {
namespace {

void check_not_empty(const std::string& path, std::int64_t bytes) {
  ULS_CHECK(bytes > 0, "read {}: the file is empty; got 0 bytes; expected some", path);
}

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

}  // namespace

MappedFile::MappedFile(const std::string& path) : path_(path) {
  // Without O_NONBLOCK a pipe would wait for its writer.
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status {};
  ULS_CHECK(file.number >= 0 && fstat(file.number, &status) == 0,
            "read {}: cannot be opened; got {}; expected a readable file", path, system_reason());
  ULS_CHECK(S_ISREG(status.st_mode), "read {}: not a regular file; got {}; expected a file", path,
            S_ISDIR(status.st_mode) ? "a folder" : "a device, pipe or socket");
  check_not_empty(path, status.st_size);
  // Without MAP_NORESERVE a machine that counts promised memory would refuse files larger than its own.
  void* data = mmap(nullptr, std::size_t(status.st_size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
                    file.number, 0);
  ULS_CHECK(data != MAP_FAILED,
            "read {}: cannot be mapped into memory; got {}; expected a file on a local disk", path,
            system_reason());
  data_ = static_cast<char*>(data);
  size_ = status.st_size;
}

MappedFile::MappedFile(const std::string& name, std::vector<char> content)
    : path_(name),
      content_(std::move(content)),
      data_(content_.data()),
      size_(std::int64_t(content_.size())) {
  check_not_empty(path_, size_);
}

MappedFile::~MappedFile() {
  if (content_.empty()) munmap(data_, std::size_t(size_));
}

}  // namespace uls
