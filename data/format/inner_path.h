// SPDX-License-Identifier: Apache-2.0
// Paths that a data set names. They come with the data, so they must not reach beyond its root.
#pragma once

#include <string>

namespace uls {

/// Raises Error, with `where`, unless `path` is relative, made of names with "/" between, and neither "." nor
/// ".." is among them.
void check_inner_path(const std::string& path, const std::string& where);

/// ROOT/PATH.
std::string join_path(const std::string& root, const std::string& path);

}  // namespace uls
