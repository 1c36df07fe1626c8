// SPDX-License-Identifier: Apache-2.0
#include "core/io/text_file.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "core/base/error.h"

namespace uls {

std::string read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  ULS_CHECK(file, "{}: cannot be opened for reading", path);
  std::ostringstream text;
  text << file.rdbuf();
  // An empty file sets failbit on `text`; only the file itself tells of a failed read.
  ULS_CHECK(!file.bad(), "{}: cannot be read", path);
  return std::move(text).str();
}

}  // namespace uls
