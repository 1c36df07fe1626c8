// SPDX-License-Identifier: Apache-2.0
#include "data/convert/source_files.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/config/text_value.h"
#include "core/io/mapped_file.h"

namespace uls {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> names_in(const std::string& folder, bool (*wanted)(const fs::directory_entry&)) {
  ULS_CHECK(is_folder(folder), "{}: no such folder", folder);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    if (wanted(entry)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string joined_path(const std::string& folder, const std::string& name) {
  return (fs::path(folder) / name).string();
}

std::string absolute_path(const std::string& path) {
  const std::string text = fs::absolute(path).lexically_normal().string();
  return text.size() > 1 && text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

bool is_folder(const std::string& path) {
  std::error_code problem;
  return fs::is_directory(path, problem);
}

bool is_file(const std::string& path) {
  std::error_code problem;
  return fs::is_regular_file(path, problem);
}

std::string find_folder(const std::string& root, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (is_folder(joined_path(root, name))) return joined_path(root, name);
  fail("{}: wrong layout; expected a folder {}", root, join(names, " or "));
}

std::vector<std::string> list_files(const std::string& folder, std::string_view ending) {
  std::vector<std::string> names =
      names_in(folder, [](const fs::directory_entry& entry) { return entry.is_regular_file(); });
  std::erase_if(names, [&](const std::string& name) { return !name.ends_with(ending); });
  ULS_CHECK(!names.empty(), "{}: no *{} in this folder", folder, ending);
  return names;
}

std::vector<std::string> list_folders(const std::string& folder) {
  return names_in(folder, [](const fs::directory_entry& entry) { return entry.is_directory(); });
}

std::string stem(const std::string& name) { return fs::path(name).stem().string(); }

std::string find_with_ending(const std::string& folder, const std::string& stem,
                             std::initializer_list<const char*> endings) {
  std::vector<std::string> tried;
  for (const char* ending : endings) {
    if (is_file(joined_path(folder, stem + ending))) return stem + ending;
    tried.push_back(stem + ending);
  }
  throw DataError(fmt::format("{}: missing file; expected {}", folder, join(tried, " or ")));
}

std::string read_bytes(const std::string& path) {
  const MappedFile file(path);
  return {file.data(), std::size_t(file.size())};
}

std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream text(read_bytes(path));
  for (std::string line; std::getline(text, line);) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos) continue;
    lines.push_back(line.substr(first, line.find_last_not_of(" \t\r") + 1 - first));
  }
  return lines;
}

std::string extra_option(const SourceOptions& options, const std::string& name, const std::string& standard) {
  const auto found = options.extra.find(name);
  return found == options.extra.end() ? standard : found->second;
}

std::string extra_choice(const SourceOptions& options, const std::string& name,
                         const std::vector<std::string>& words) {
  const std::string word = extra_option(options, name, words.at(0));
  ULS_CHECK(std::ranges::find(words, word) != words.end(), "option {}: unknown word; got '{}'; expected {}",
            name, word, join(words, " or "));
  return word;
}

bool extra_flag(const SourceOptions& options, const std::string& name) {
  const std::string word = extra_option(options, name, "false");
  const auto value = parse_boolean(word);
  ULS_CHECK(value, "option {}: unknown word; got '{}'; expected true or false", name, word);
  return *value;
}

std::vector<std::string> chosen_splits(const SourceOptions& options, const std::string& source,
                                       const std::vector<std::string>& splits) {
  if (options.split.empty()) return splits;
  ULS_CHECK(std::ranges::find(splits, options.split) != splits.end(),
            "{}: --split: no such split; got '{}'; expected {}", source, options.split, join(splits, ", "));
  return {options.split};
}

}  // namespace uls
