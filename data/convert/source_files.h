// SPDX-License-Identifier: Apache-2.0
// What all sources do with their folders and options. Errors name the path.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "data/convert/source.h"

namespace uls {

/// "a/b"; `name` alone where `folder` is "", and where it is absolute.
std::string joined_path(const std::string& folder, const std::string& name);
/// The path from the file system's root.
std::string absolute_path(const std::string& path);
bool is_folder(const std::string& path);
bool is_file(const std::string& path);

/// The first of `names` that is a folder in `root`; raises Error naming all where there is none.
std::string find_folder(const std::string& root, const std::vector<std::string>& names);

/// Names, without their folder, of the files that end in `ending`, sorted. Raises Error where the folder is
/// missing or holds none.
std::vector<std::string> list_files(const std::string& folder, std::string_view ending);
/// Names of the folders in it, sorted.
std::vector<std::string> list_folders(const std::string& folder);

/// "a" of "a.png".
std::string stem(const std::string& name);
/// `stem` with the ending, of `endings`, that a file in `folder` has; raises DataError where none has.
std::string find_with_ending(const std::string& folder, const std::string& stem,
                             std::initializer_list<const char*> endings);

/// The file's bytes; raises Error where it is missing, unreadable or empty.
std::string read_bytes(const std::string& path);
/// Its lines without line ends and blanks around; blank ones are left out.
std::vector<std::string> read_lines(const std::string& path);

/// The source's own option, or `standard`.
std::string extra_option(const SourceOptions& options, const std::string& name, const std::string& standard);
/// The same of a few words; raises Error for another.
std::string extra_choice(const SourceOptions& options, const std::string& name,
                         const std::vector<std::string>& words);
/// "true" or "false", which is the standard.
bool extra_flag(const SourceOptions& options, const std::string& name);

/// Those of `splits` that the options ask for: all, or the one. Raises Error where it is none of them.
std::vector<std::string> chosen_splits(const SourceOptions& options, const std::string& source,
                                       const std::vector<std::string>& splits);

}  // namespace uls
