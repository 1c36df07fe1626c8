// SPDX-License-Identifier: Apache-2.0
#include "tests/house/source_rules.h"

#include <algorithm>
#include <regex>

#include "core/base/strings.h"

namespace uls::house {
namespace {

constexpr std::size_t kColumns = 110, kLines = 500, kKernelLines = 800;

struct Exception {
  std::string path;  // a file, or a folder with a slash behind
  std::string reason;
};

bool is_excepted(const std::vector<Exception>& exceptions, const SourceFile& file) {
  return std::ranges::any_of(exceptions, [&](const Exception& exception) {
    return exception.path.ends_with('/') ? file.under(exception.path) : file.path == exception.path;
  });
}

std::string place(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line + 1);
}

struct Include {
  std::size_t line;
  std::string target;
  bool quoted;
};

std::vector<Include> includes_of(const SourceFile& file) {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  std::vector<Include> includes;
  if (!file.is_cpp()) return includes;
  std::smatch match;
  for (std::size_t i = 0; i < file.uncommented.size(); ++i)
    if (file.code[i].find('#') != std::string::npos && std::regex_match(file.uncommented[i], match, pattern))
      includes.push_back({i, match[2], match[1] == "\""});
  return includes;
}

// "core" of "core/base/log.h"; "" of a path without a folder.
std::string top_folder(const std::string& path) {
  const auto slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// Characters, where UTF-8 takes several bytes for one.
std::size_t columns(const std::string& line) {
  return std::size_t(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_kernel_file(const SourceFile& file) {
  return file.under("kernels/") &&
         (file.path.ends_with(".cu") || file.path.ends_with(".cuh") || file.path.ends_with("_cpu.cpp"));
}

bool has_well_formed_name(const SourceFile& file) {
  static const std::regex snake(R"([a-z0-9_]+(\.[a-z0-9]+)*)");
  // NAME in a template's name becomes an operation's; CMake looks for exactly the others.
  static const std::regex known(
      R"(NAME[a-z_]*\.[a-z]+\.in|CMakeLists\.txt|Find[A-Za-z]+\.cmake|unilsegConfig\.cmake\.in)");
  return std::regex_match(file.name(), snake) || std::regex_match(file.name(), known);
}

// Whether what stands before a name makes it a declaration, a member or somebody else's function.
bool is_plain_call(std::string before) {
  static const std::regex own_scope(R"((^|[^\w>])\s*(std\s*)?::\s*$)"), other(R"((::|\.|->)\s*$)");
  static const std::regex word(R"((\w+)\s*$)");
  if (std::regex_search(before, own_scope)) return true;
  if (std::regex_search(before, other)) return false;
  std::smatch match;
  static const std::set<std::string> keywords{"return", "else", "do"};
  return !std::regex_search(before, match, word) || keywords.contains(match[1]);
}

}  // namespace

const std::map<std::string, std::set<std::string>>& arrows() {
  static const std::map<std::string, std::set<std::string>> table{
      {"core", {}},
      {"kernels", {"core"}},
      {"models", {"core", "kernels"}},
      {"data", {"core"}},
      {"eval", {"core", "kernels", "models", "data"}},
      {"train", {"core", "kernels", "models", "data", "eval"}},
  };
  return table;
}

Violations check_arrows(const SourceTree& tree) {
  Violations found;
  for (const SourceFile& file : tree) {
    const std::string folder = top_folder(file.path);
    const auto arrow = arrows().find(folder);
    for (const Include& include : includes_of(file)) {
      const std::string target = top_folder(include.target);
      const bool ours = arrows().contains(target) || target == "tests";
      const std::string where = place(file, include.line);
      if (("/" + include.target).find("/../") != std::string::npos || (include.quoted && !ours))
        found.push_back({where, "'" + include.target + "' is not written from the repository root"});
      else if (ours && !include.quoted)
        found.push_back({where, "'" + include.target + "' is ours: it goes between quotes"});
      else if (ours && arrow != arrows().end() && target != folder && !arrow->second.contains(target))
        found.push_back({where, folder + " must not include " + target});
    }
  }
  return found;
}

Violations check_libraries(const SourceTree& tree) {
  struct Hidden {
    std::string library;
    std::regex pattern;
  };
  static const std::vector<Hidden> hidden{{"OpenMP", std::regex(R"(omp\.h)")},
                                          {"CLI11", std::regex(R"(CLI/.*)")},
                                          {"nlohmann_json", std::regex(R"(nlohmann/.*)")},
                                          {"yaml-cpp", std::regex(R"(yaml-cpp/.*)")},
                                          {"matio", std::regex(R"(matio\.h)")}};
  static const std::regex cuda(
      R"((cu(da|dnn|blas|rand)|nccl|nvtx|cooperative_groups|device_launch|mma|(cub|cute|thrust)/).*)");
  static const std::regex cuda_place(
      R"(.*_cuda\.cu|kernels/common/[^/]*\.cuh|core/device/.*|core/memory/.*|core/dist/[^/]*nccl[^/]*)");
  static const std::regex onednn_place(R"(kernels/common/onednn\.h|.*_onednn\.cpp)");
  static const std::regex icu_place(R"((tests/)?data/text/.*)");
  static const std::regex omp_pragma(R"(^\s*#\s*pragma\s+omp\b.*)");

  Violations found;
  std::map<std::string, std::map<std::string, std::string>> users;  // library -> file -> first place
  for (const SourceFile& file : tree) {
    for (const Include& include : includes_of(file)) {
      const std::string where = place(file, include.line);
      for (const Hidden& one : hidden)
        if (std::regex_match(include.target, one.pattern)) users[one.library].emplace(file.path, where);
      if (arrows().contains(top_folder(include.target)) || include.target.starts_with("tests/")) continue;
      if (include.target.starts_with("dnnl") && !std::regex_match(file.path, onednn_place))
        found.push_back({where, "oneDNN belongs to kernels/common/onednn.h and *_onednn.cpp"});
      if (include.target.starts_with("unicode/") && !std::regex_match(file.path, icu_place))
        found.push_back({where, "ICU belongs to data/text"});
      if (std::regex_match(include.target, cuda) && !std::regex_match(file.path, cuda_place))
        found.push_back(
            {where,
             "CUDA headers belong to *_cuda.cu, kernels/common/*.cuh, core/device, core/memory and "
             "the NCCL file"});
    }
    if (!file.is_cpp()) continue;
    for (std::size_t i = 0; i < file.code.size(); ++i)
      if (std::regex_match(file.code[i], omp_pragma)) users["OpenMP"].emplace(file.path, place(file, i));
  }
  for (const auto& [library, files] : users) {
    std::vector<std::string> paths;
    for (const auto& [path, where] : files) paths.push_back(path);
    for (const auto& [path, where] : files)
      if (files.size() > 1 || !path.ends_with(".cpp"))
        found.push_back({where, library + " belongs to exactly one .cpp; got " + join(paths, ", ")});
  }
  return found;
}

Violations check_conditionals(const SourceTree& tree) {
  static const std::vector<Exception> exceptions{
      {"core/device/", "the device layer: what differs between compilers for host and device"},
      {"kernels/common/blocked_gemm.h",
       "registers of the processor: the tile follows the width of its vectors"},
      {"kernels/common/fast_math.h", "a GPU has these functions; a CPU loop over them must not call any"},
  };
  static const std::regex conditional(R"(^\s*#\s*(if|ifdef|ifndef)\b.*)");
  Violations found;
  for (const SourceFile& file : tree) {
    if (!file.is_cpp() || is_excepted(exceptions, file)) continue;
    for (std::size_t i = 0; i < file.code.size(); ++i)
      if (std::regex_match(file.code[i], conditional))
        found.push_back({place(file, i), "conditional compilation outside of the device layer"});
  }
  return found;
}

Violations check_form(const SourceTree& tree) {
  const std::string license = "SPDX-License-Identifier: Apache-2.0";
  Violations found;
  for (const SourceFile& file : tree) {
    const std::size_t limit = is_kernel_file(file) ? kKernelLines : kLines;
    if (file.lines.size() > limit)
      found.push_back({place(file, limit), "a file has at most " + std::to_string(limit) + " lines; got " +
                                               std::to_string(file.lines.size())});
    const std::size_t first = file.is_script() ? 1 : 0;
    if (file.lines.size() <= first || file.lines[first] != (file.is_cpp() ? "// " : "# ") + license)
      found.push_back({place(file, first), "the first line is not the licence line"});
    if (!file.text.ends_with('\n') || file.text.ends_with("\n\n"))
      found.push_back({place(file, file.lines.size()), "a file ends with one line end"});
    if (!has_well_formed_name(file)) found.push_back({file.path, "file names are snake_case"});
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      if (line.find('\t') != std::string::npos) found.push_back({place(file, i), "a tab"});
      if (line.ends_with(' ') || line.ends_with('\r'))
        found.push_back({place(file, i), "blanks at the end of a line"});
      if (file.is_cpp() && columns(line) > kColumns)
        found.push_back({place(file, i), "a line has at most " + std::to_string(kColumns) + " columns; got " +
                                             std::to_string(columns(line))});
    }
  }
  return found;
}

Violations check_words(const SourceTree& tree) {
  // In two parts, since this file is checked too.
  static const std::regex unfinished(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  static const std::regex way_out(R"(\b(_exit|_Exit|exit|quick_exit|abort|terminate)\s*\()");
  static const std::regex using_namespace(R"(\busing\s+namespace\b)");
  Violations found;
  for (const SourceFile& file : tree) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (std::regex_search(file.lines[i], unfinished)) found.push_back({place(file, i), "unfinished work"});
      if (file.is_header() && std::regex_search(file.code[i], using_namespace))
        found.push_back({place(file, i), "'using namespace' in a header"});
      if (!file.is_cpp() || !arrows().contains(top_folder(file.path))) continue;
      const std::string& code = file.code[i];
      for (std::sregex_iterator match(code.begin(), code.end(), way_out), end; match != end; ++match)
        if (is_plain_call(match->prefix()))
          found.push_back({place(file, i), "the program ends in main alone: raise an Error or a Bug"});
    }
    if (file.is_header() && std::ranges::find(file.code, "#pragma once") == file.code.end())
      found.push_back({file.path, "a header without #pragma once"});
  }
  return found;
}

Violations check_rooms(const SourceTree& tree) {
  static const std::vector<Exception> without_cases{
      {"kernels/primitives/random/random.cpp",
       "draws in place: no gradient, and values that have tests of their own"},
      {"kernels/optim/", "updates in place: no gradient; tests hold them against loops over several steps"},
  };
  std::set<std::string> paths;
  for (const SourceFile& file : tree) paths.insert(file.path);
  // kernels/FAMILY/NAME/NAME.cpp, or kernels/NAME/NAME.cpp.
  static const std::regex room(R"((kernels/(?:\w+/)?(\w+)/\2)\.cpp)");
  static const std::regex test_case(R"(^\s*(TEST_CASE|TEMPLATE_TEST_CASE|TEST_CASE_METHOD)\s*\(.*)");
  Violations found;
  std::smatch match;
  for (const SourceFile& file : tree) {
    if (std::regex_match(file.path, match, room) && !is_excepted(without_cases, file) &&
        !paths.contains(match[1].str() + "_cases.cpp"))
      found.push_back({file.path, "a room without " + match[2].str() + "_cases.cpp"});
    if (file.under("tests/") && file.path.ends_with("_test.cpp") &&
        std::ranges::none_of(file.code, [](const auto& line) { return std::regex_match(line, test_case); }))
      found.push_back({file.path, "a test file without a test case"});
  }
  return found;
}

Violations check_top_level(const std::vector<std::string>& names) {
  static const std::set<std::string> known{
      "core/",   "kernels/",       "models/",     "data/",          "eval/",
      "train/",  "configs/",       "tests/",      "scripts/",       "README.md",
      "LICENSE", "THIRD_PARTY.md", "unilseg.cpp", "CMakeLists.txt", "CMakePresets.json"};
  Violations found;
  for (const std::string& name : names)
    if (!known.contains(name) && !name.starts_with('.'))
      found.push_back({name, "does not belong at the top level"});
  return found;
}

std::set<std::string> golden_readers(const SourceTree& tree) {
  static const std::regex replay(R"re(\bULS_REPLAY_(?:GOLDEN|MODELS)\("([\w*]+)")re");
  std::set<std::string> stems;
  for (const SourceFile& file : tree) {
    if (!file.under("tests/") || !file.path.ends_with("_test.cpp")) continue;
    for (const std::string& line : file.uncommented)
      for (std::sregex_iterator match(line.begin(), line.end(), replay), end; match != end; ++match)
        stems.insert((*match)[1]);
  }
  return stems;
}

}  // namespace uls::house
