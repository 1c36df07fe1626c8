// SPDX-License-Identifier: Apache-2.0
// The house keeps its rules: each is checked on the source tree, and on planted violations.
#include <unistd.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "core/base/error.h"
#include "core/json/json.h"
#include "tests/house/source_rules.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::house;

namespace fs = std::filesystem;

namespace {

const SourceTree& tree() {
  static const SourceTree sources = read_sources(ULS_SOURCE_DIR);
  return sources;
}

void require_none(const Violations& violations) {
  for (const Violation& violation : violations)
    std::printf("%s: %s\n", violation.place.c_str(), violation.rule.c_str());
  INFO("see the list above");
  REQUIRE(violations.size() == 0);
  REQUIRE(tree().size() > 100);  // the tree was found
}

// "place: rule" of a tree of one file.
std::vector<std::string> found_by(Violations (*check)(const SourceTree&), const SourceTree& planted) {
  std::vector<std::string> texts;
  for (const Violation& violation : check(planted)) texts.push_back(violation.place + ": " + violation.rule);
  return texts;
}

std::vector<std::string> found_by(Violations (*check)(const SourceTree&), const std::string& path,
                                  const std::string& text) {
  return found_by(check, SourceTree{{path, text}});
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("structure: includes follow the arrows between folders") { require_none(check_arrows(tree())); }

TEST_CASE("structure: planted arrows are seen") {
  CHECK(found_by(check_arrows, "core/a/b.cpp", "\n#include \"kernels/common/rooms.h\"\n") ==
        Texts{"core/a/b.cpp:2: core must not include kernels"});
  CHECK(found_by(check_arrows, "data/a.h", "#include \"models/m.h\"\n") ==
        Texts{"data/a.h:1: data must not include models"});
  CHECK(found_by(check_arrows, "models/a.cpp", "# include \"tests/support/support.h\"\n") ==
        Texts{"models/a.cpp:1: models must not include tests"});
  CHECK(found_by(check_arrows, "core/a.cpp", "#include <core/b.h>\n") ==
        Texts{"core/a.cpp:1: 'core/b.h' is ours: it goes between quotes"});
  CHECK(found_by(check_arrows, "core/a/a.cpp", "#include \"b.h\"\n#include \"core/../kernels/b.h\"\n") ==
        Texts{"core/a/a.cpp:1: 'b.h' is not written from the repository root",
              "core/a/a.cpp:2: 'core/../kernels/b.h' is not written from the repository root"});
  const std::string every = "#include \"core/a.h\"\n#include \"kernels/a.h\"\n#include \"models/a.h\"\n";
  CHECK(found_by(check_arrows, "models/a.cpp", every).empty());
  CHECK(found_by(check_arrows, "train/a.cpp", every + "#include \"data/a.h\"\n#include \"eval/a.h\"\n")
            .empty());
  CHECK(found_by(check_arrows, "tests/train/a.cpp", every + "#include \"tests/a.h\"\n#include <vector>\n")
            .empty());
  CHECK(found_by(check_arrows, "unilseg.cpp", every).empty());
  CHECK(
      found_by(check_arrows, "core/a.cpp", "// #include \"kernels/a.h\"\n/*\n#include \"kernels/a.h\"\n*/\n")
          .empty());
}

TEST_CASE("structure: a wrong arrow does not compile") {
  const fs::path build = fs::path(ULS_PROGRAM).parent_path();
  for (const auto& [folder, allowed] : arrows()) {
    if (!fs::exists(fs::path(ULS_SOURCE_DIR) / folder)) continue;
    INFO(folder);
    std::vector<std::string> doors;
    for (const auto& entry : fs::directory_iterator(build / "include" / folder))
      doors.push_back(entry.path().filename().string());
    CHECK(doors == Texts{folder});
  }
  // What each source file is compiled with: the doorways of its folder and of those it may include, not the
  // root.
  int files = 0;
  const Json commands = read_json_file((build / "compile_commands.json").string());
  for (const Json& entry : commands.items()) {
    const std::string file =
        fs::path(entry.at("file").as_string()).lexically_relative(ULS_SOURCE_DIR).string();
    const auto arrow = arrows().find(file.substr(0, file.find('/')));
    if (arrow == arrows().end()) continue;
    ++files;
    INFO(file);
    std::istringstream words(entry.at("command").as_string());
    for (std::string word; words >> word;) {
      if (!word.starts_with("-I")) continue;
      const fs::path path = word.substr(2);
      CHECK(path.lexically_normal() != fs::path(ULS_SOURCE_DIR).lexically_normal());
      if (path.parent_path() == build / "include") {
        const std::string door = path.filename().string();
        CHECK((door == arrow->first || arrow->second.contains(door)));
      }
    }
  }
  CHECK(files > 50);
}

TEST_CASE("structure: libraries are included where they belong") { require_none(check_libraries(tree())); }

TEST_CASE("structure: planted includes of libraries are seen") {
  CHECK(found_by(check_libraries,
                 {{"core/a.cpp", "#include <omp.h>\n"}, {"core/b.cpp", "\n#pragma omp parallel\n"}}) ==
        Texts{"core/a.cpp:1: OpenMP belongs to exactly one .cpp; got core/a.cpp, core/b.cpp",
              "core/b.cpp:2: OpenMP belongs to exactly one .cpp; got core/a.cpp, core/b.cpp"});
  CHECK(found_by(check_libraries, {{"core/json/json.cpp", "#include <nlohmann/json.hpp>\n"},
                                   {"tests/a_test.cpp", "#include <nlohmann/json.hpp>\n"}})
            .size() == 2);
  CHECK(found_by(check_libraries, "core/cli/cli.h", "#include <CLI/App.hpp>\n") ==
        Texts{"core/cli/cli.h:1: CLI11 belongs to exactly one .cpp; got core/cli/cli.h"});
  CHECK(
      found_by(check_libraries, "core/config/yaml.cpp", "#include <yaml-cpp/a.h>\n#include <yaml-cpp/b.h>\n")
          .empty());
  CHECK(
      found_by(check_libraries, "kernels/linear/gemm/gemm_cpu.cpp", "#include <dnnl.hpp>\n") ==
      Texts{
          "kernels/linear/gemm/gemm_cpu.cpp:1: oneDNN belongs to kernels/common/onednn.h and *_onednn.cpp"});
  CHECK(found_by(check_libraries, "kernels/linear/gemm/gemm_onednn.cpp", "#include <dnnl.hpp>\n").empty());
  CHECK(found_by(check_libraries, "core/base/strings.cpp", "#include <unicode/uchar.h>\n") ==
        Texts{"core/base/strings.cpp:1: ICU belongs to data/text"});
  CHECK(found_by(check_libraries, "data/text/words.cpp", "#include <unicode/uchar.h>\n").empty());
  for (const char* header :
       {"cuda_runtime.h", "cudnn.h", "cublasLt.h", "nccl.h", "cub/block/block_reduce.cuh"}) {
    const std::string include = "#include <" + std::string(header) + ">\n";
    CHECK(found_by(check_libraries, "kernels/norm/softmax/softmax.cpp", include).size() == 1);
    for (const char* path :
         {"kernels/norm/softmax/softmax_cuda.cu", "kernels/common/warp.cuh", "core/device/cuda_info.cpp",
          "core/memory/cuda_source.cpp", "core/dist/nccl_communicator.cpp"})
      CHECK(found_by(check_libraries, path, include).empty());
  }
  CHECK(found_by(check_libraries, "core/a.cpp", "#include \"core/device/cuda_info.h\"\n").empty());
}

TEST_CASE("structure: no conditional compilation outside of the device layer") {
  require_none(check_conditionals(tree()));
}

TEST_CASE("structure: planted conditionals are seen") {
  const std::string text = "int a;\n  # ifdef X\n#else\n#endif\n";
  CHECK(found_by(check_conditionals, "core/a.cpp", text) ==
        Texts{"core/a.cpp:2: conditional compilation outside of the device layer"});
  CHECK(found_by(check_conditionals, "tests/a_test.cpp", "#if 1\n#endif\n").size() == 1);
  CHECK(found_by(check_conditionals, "core/a.h", "#ifndef CORE_A_H\n#define CORE_A_H\n#endif\n").size() == 1);
  CHECK(found_by(check_conditionals, "core/device/a.h", text).empty());
  CHECK(found_by(check_conditionals, "core/a.cpp",
                 "// #if 1\nconst char* a = \"\\\n#if\";\nauto b = R\"(\n#if 1\n)\";\n")
            .empty());
}

TEST_CASE("structure: every source file has the form of the house") { require_none(check_form(tree())); }

TEST_CASE("structure: planted faults of form are seen") {
  const std::string license = "// SPDX-License-Identifier: Apache-2.0\n";
  const auto lines = [&](int count) {
    std::string text = license;
    for (int i = 1; i < count; ++i) text += "int a;\n";
    return text;
  };
  CHECK(found_by(check_form, "core/a.cpp", license + "int a;\n").empty());
  CHECK(found_by(check_form, "core/a.cpp", "int a;\n") ==
        Texts{"core/a.cpp:1: the first line is not the licence line"});
  CHECK(found_by(check_form, "core/a.cpp", lines(500)).empty());
  CHECK(found_by(check_form, "core/a.cpp", lines(501)) ==
        Texts{"core/a.cpp:501: a file has at most 500 lines; got 501"});
  CHECK(found_by(check_form, "kernels/a/b/b_cuda.cu", lines(800)).empty());
  CHECK(found_by(check_form, "kernels/a/b/b_cpu.cpp", lines(801)).size() == 1);
  CHECK(found_by(check_form, "core/a.cpp", license + "\tint a; \n" + std::string(111, '/') + "\n") ==
        Texts{"core/a.cpp:2: a tab", "core/a.cpp:2: blanks at the end of a line",
              "core/a.cpp:3: a line has at most 110 columns; got 111"});
  CHECK(found_by(check_form, "core/a.cpp", license + std::string(109, '/') + "\u00e9\n").empty());
  CHECK(found_by(check_form, "core/a.cpp", license + "int a;").size() == 1);
  CHECK(found_by(check_form, "core/a.cpp", license + "\n\n").size() == 1);
  CHECK(found_by(check_form, "core/LayerNorm.cpp", license) ==
        Texts{"core/LayerNorm.cpp: file names are snake_case"});
  const std::string script_license = license.substr(3);
  CHECK(found_by(check_form, "scripts/test", "#!/bin/sh\n# " + script_license).empty());
  CHECK(found_by(check_form, "scripts/test", "# " + script_license + "#!/bin/sh\n").empty());
  CHECK(found_by(check_form, "scripts/test", "#!/bin/sh\n") ==
        Texts{"scripts/test:2: the first line is not the licence line"});
  CHECK(found_by(check_form, "core/CMakeLists.txt", "# " + script_license).empty());
}

TEST_CASE("structure: no unfinished work, one way out, headers that can be included") {
  require_none(check_words(tree()));
}

TEST_CASE("structure: planted words are seen") {
  CHECK(found_by(check_words, "scripts/a.py",
                 "pass  # TO"
                 "DO\n") == Texts{"scripts/a.py:1: unfinished work"});
  CHECK(found_by(check_words, "core/a.h", "int a;\n") == Texts{"core/a.h: a header without #pragma once"});
  CHECK(found_by(check_words, "core/a.h", "#pragma once\nusing namespace std;\n").size() == 1);
  CHECK(found_by(check_words, "core/a.cpp", "using namespace std;\n").empty());
  for (const char* call :
       {"exit(1);", "  std::exit (1);", "if (a) ::abort();", "return _exit(2);", "{ std::terminate(); }"}) {
    INFO(call);
    CHECK(found_by(check_words, "core/a.cpp", call + std::string("\n")) ==
          Texts{"core/a.cpp:1: the program ends in main alone: raise an Error or a Bug"});
  }
  for (const char* other : {"void abort();", "communicator.abort();", "communicator->abort();",
                            "gloo::abort();", "on_exit(1);", "// exit(1)", "log(\"exit(1)\");"}) {
    INFO(other);
    CHECK(found_by(check_words, "core/a.cpp", other + std::string("\n")).empty());
  }
  CHECK(found_by(check_words, "unilseg.cpp", "exit(1);\n").empty());
}

TEST_CASE("structure: rooms have cases, test files have tests") { require_none(check_rooms(tree())); }

TEST_CASE("structure: planted rooms without cases are seen") {
  const SourceTree rooms{
      {"kernels/norm/softmax/softmax.cpp", "\n"},       {"kernels/norm/softmax/softmax_cases.cpp", "\n"},
      {"kernels/pointwise/pointwise.cpp", "\n"},        {"kernels/linear/gemm/gemm.cpp", "\n"},
      {"kernels/primitives/basic/basic_cpu.cpp", "\n"}, {"kernels/common/checks.cpp", "\n"}};
  CHECK(found_by(check_rooms, rooms) ==
        Texts{"kernels/pointwise/pointwise.cpp: a room without pointwise_cases.cpp",
              "kernels/linear/gemm/gemm.cpp: a room without gemm_cases.cpp"});
  CHECK(found_by(check_rooms, "tests/core/a_test.cpp", "// TEST_CASE(\"a\") {}\n") ==
        Texts{"tests/core/a_test.cpp: a test file without a test case"});
  CHECK(found_by(check_rooms, "tests/core/a_test.cpp", "TEST_CASE(\"a\") {}\n").empty());
}

TEST_CASE("structure: the top level holds what the design names") {
  require_none(check_top_level(top_level(ULS_SOURCE_DIR)));
  CHECK(check_top_level({"core/", ".ci/", ".clang-format", "README.md", "LICENSE"}).empty());
  CHECK(check_top_level({"utils/", "core", "notes.md"}).size() == 3);
}

TEST_CASE("structure: sources are read without what git ignores") {
  const fs::path root = fs::temp_directory_path() / ("uls_structure_" + std::to_string(getpid()));
  const auto put = [&](const std::string& path, const std::string& text) {
    fs::create_directories((root / path).parent_path());
    std::FILE* file = std::fopen((root / path).c_str(), "w");
    REQUIRE(file);
    std::fputs(text.c_str(), file);
    std::fclose(file);
  };
  put(".gitignore", "/build/\n__pycache__/\n");
  put("build/cpu/a.cpp", "");
  put(".git/hooks/b", "#!/bin/sh\n");
  put("core/c.cpp", "");
  put("core/rooms.cpp.in", "");
  put("scripts/peers/__pycache__/d.py", "");
  put("scripts/run", "#!/bin/sh\n");
  put("scripts/notes", "no script\n");
  put("tests/fixtures/e.cpp", "");
  Texts paths;
  for (const SourceFile& file : read_sources(root.string())) paths.push_back(file.path);
  CHECK(paths == Texts{"core/c.cpp", "core/rooms.cpp.in", "scripts/run"});
  CHECK(top_level(root.string()) == Texts{".gitignore", "core/", "scripts/", "tests/"});
  fs::remove_all(root);
}

TEST_CASE("structure: comments and strings are told from code") {
  CHECK(blank_comments("a; // b\n/* c\nd */ e", false) == "a;     \n    \n     e");
  CHECK(blank_comments("f(\"// g\"); // h", false) == "f(\"// g\");     ");
  CHECK(blank_comments("f(\"a\\\"b\", '\"', 1'000, 2'000); // c", true) ==
        "f(\"    \", ' ', 1'000, 2'000);     ");
  CHECK(blank_comments("R\"x(a)\" // )x\" + b // c", true) == "R\"x(       )x\" + b     ");
}
