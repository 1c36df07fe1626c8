// SPDX-License-Identifier: Apache-2.0
#include "tests/house/source_tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace uls::house {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string read_text(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The extension of what a file is, or becomes for a template: ".cpp" of room_lists.cpp.in.
std::string kind_of(const SourceFile& file) {
  fs::path path = file.path;
  if (path.extension() == ".in") path = path.stem();
  return path.extension().string();
}

// Folder names of .gitignore ("/build/", "__pycache__/"): the project ignores nothing else.
std::set<std::string> ignored_folders(const fs::path& root) {
  std::set<std::string> names{".git"};
  for (std::string line : split_lines(read_text(root / ".gitignore"))) {
    if (line.ends_with('/')) line.pop_back();
    if (line.starts_with('/')) line.erase(0, 1);
    if (!line.empty()) names.insert(line);
  }
  return names;
}

}  // namespace

SourceFile::SourceFile(std::string path, std::string text)
    : path(std::move(path)), text(std::move(text)), lines(split_lines(this->text)) {
  const bool cpp = is_cpp();
  uncommented = cpp ? split_lines(blank_comments(this->text, false)) : lines;
  code = cpp ? split_lines(blank_comments(this->text, true)) : lines;
}

bool SourceFile::is_header() const {
  const std::string kind = kind_of(*this);
  return kind == ".h" || kind == ".cuh";
}

bool SourceFile::is_cpp() const {
  const std::string kind = kind_of(*this);
  return is_header() || kind == ".cpp" || kind == ".cu";
}

bool SourceFile::is_script() const { return text.starts_with("#!"); }

bool SourceFile::is_source() const {
  static const std::set<std::string> kinds{".py", ".cmake", ".sh"};
  return is_cpp() || is_script() || kinds.contains(kind_of(*this)) || name() == "CMakeLists.txt";
}

SourceTree read_sources(const std::string& root) {
  const auto ignored = ignored_folders(root);
  SourceTree tree;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator();
       ++entry) {
    const std::string path = entry->path().lexically_relative(root).string();
    if (entry->is_directory()) {
      if (ignored.contains(entry->path().filename().string()) || path == "tests/fixtures")
        entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      SourceFile file(path, read_text(entry->path()));
      if (file.is_source()) tree.push_back(std::move(file));
    }
  }
  std::ranges::sort(tree, {}, &SourceFile::path);
  return tree;
}

std::vector<std::string> top_level(const std::string& root) {
  const auto ignored = ignored_folders(root);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    if (!ignored.contains(name)) names.push_back(name + (entry.is_directory() ? "/" : ""));
  }
  std::ranges::sort(names);
  return names;
}

std::string blank_comments(const std::string& text, bool strings) {
  std::string out = text;
  const auto blank = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < std::min(last, out.size()); ++i)
      if (out[i] != '\n') out[i] = ' ';
  };
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  const auto end_of = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string::npos ? text.size() : found;
  };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t next = i + 1;
    if (text.compare(i, 2, "//") == 0) {
      next = end_of("\n", i);
      blank(i, next);
    } else if (text.compare(i, 2, "/*") == 0) {
      next = end_of("*/", i + 2) + 2;
      blank(i, next);
    } else if (text.compare(i, 2, "R\"") == 0 && (i == 0 || !is_word(text[i - 1]))) {
      const std::size_t open = end_of("(", i);
      const std::size_t close = end_of(")" + text.substr(i + 2, open - i - 2) + "\"", open);
      next = close + open - i;
      if (strings) blank(open + 1, close);
    } else if (text[i] == '"' || (text[i] == '\'' && (i == 0 || !is_word(text[i - 1])))) {
      // The quote in 100'000 separates digits: a character never follows a word directly here.
      while (next < text.size() && text[next] != text[i] && text[next] != '\n')
        next += text[next] == '\\' ? 2 : 1;
      if (strings) blank(i + 1, next);
      ++next;
    }
    i = next;
  }
  return out;
}

}  // namespace uls::house
