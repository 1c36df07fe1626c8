// SPDX-License-Identifier: Apache-2.0
#include "data/format/inner_path.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "core/base/error.h"
#include "core/io/foreign_text.h"

namespace uls {
namespace {

bool stays_inside(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return false;
  while (true) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    if (name.empty() || name == "." || name == "..") return false;
    if (end == path.size()) return true;
    path.remove_prefix(end + 1);
  }
}

}  // namespace

void check_inner_path(const std::string& path, const std::string& where) {
  ULS_CHECK(stays_inside(path), "{}: path leaves the root; got {}; expected names with '/' between", where,
            shown(path));
}

std::string join_path(const std::string& root, const std::string& path) {
  return (std::filesystem::path(root) / path).string();
}

}  // namespace uls
