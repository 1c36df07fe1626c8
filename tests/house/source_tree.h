// SPDX-License-Identifier: Apache-2.0
// The project's text files as the rules of the house see them (source_rules.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace uls::house {

/// One text file. Lines are kept three times, all of one length: as written, without comments, and without
/// comments and the contents of strings, so that a rule sees neither words in a message nor examples in a
/// comment.
struct SourceFile {
  /// `path` is relative to the repository root.
  SourceFile(std::string path, std::string text);

  std::string path;
  std::string text;
  std::vector<std::string> lines, uncommented, code;

  bool under(std::string_view folder) const { return path.starts_with(folder); }
  std::string name() const { return path.substr(path.rfind('/') + 1); }
  bool is_header() const;  ///< .h, .cuh
  bool is_cpp() const;     ///< C++ or CUDA, headers included
  bool is_script() const;  ///< starts with "#!"
  /// C++, CUDA, Python, CMake or a script: what the rules are about. A template (x.cpp.in) is what it
  /// becomes.
  bool is_source() const;
};

using SourceTree = std::vector<SourceFile>;

/// The source files under `root`, in the order of their paths. Left out: .git, the folders that .gitignore
/// names, and tests/fixtures.
SourceTree read_sources(const std::string& root);

/// Names of all that lies directly under `root`, folders with a slash behind; ignored ones are left out.
std::vector<std::string> top_level(const std::string& root);

/// Blanks comments, and with `strings` also what stands between quotes; line ends stay.
std::string blank_comments(const std::string& text, bool strings);

}  // namespace uls::house
