// SPDX-License-Identifier: Apache-2.0
// The rules of the house that a program can check. Each is a function of the source tree that returns what
// breaks it; an exception to a rule stands in a list beside the rule, with its reason.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/house/source_tree.h"

namespace uls::house {

struct Violation {
  std::string place;  ///< "core/base/log.cpp:12", or a path
  std::string rule;
};
using Violations = std::vector<Violation>;

/// The top-level folders with a library, and those that each may include besides itself.
const std::map<std::string, std::set<std::string>>& arrows();

/// Includes follow the arrows, and are written from the repository root.
Violations check_arrows(const SourceTree& tree);
/// A library that one file hides is included there alone; the CUDA and oneDNN headers only where devices are,
/// ICU's where text is.
Violations check_libraries(const SourceTree& tree);
/// No conditional compilation: CMake chooses whole files.
Violations check_conditionals(const SourceTree& tree);
/// Lines of a file, columns of a line, blanks, the licence line, the file's name.
Violations check_form(const SourceTree& tree);
/// Words that mean unfinished work; ways out of the program below main; what a header must and must not have.
Violations check_words(const SourceTree& tree);
/// A room's own cases; a test file's test cases.
Violations check_rooms(const SourceTree& tree);
/// Names directly under the root, as top_level() gives them.
Violations check_top_level(const std::vector<std::string>& names);

/// The stems that tests of the tree replay with ULS_REPLAY_GOLDEN.
std::set<std::string> golden_readers(const SourceTree& tree);

}  // namespace uls::house
