// SPDX-License-Identifier: Apache-2.0
#include "core/base/processor.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "core/base/strings.h"

namespace uls {
namespace {

// "name<blanks>: value" lines of a file under /proc; the first of each name counts.
std::map<std::string, std::string> read_proc(const char* path) {
  std::map<std::string, std::string> values;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto name_end = line.find_last_not_of(" \t", colon == 0 ? 0 : colon - 1);
    const auto start = line.find_first_not_of(" \t", colon + 1);
    values.emplace(line.substr(0, name_end + 1), start == std::string::npos ? "" : line.substr(start));
  }
  return values;
}

// Those of the processor's flags that our kernels or oneDNN have code for.
std::string vector_extensions(const std::string& flags) {
  const std::vector<std::string> known{
      "sse4_2",      "avx",         "f16c",        "fma",      "avx2",     "avx_vnni", "avx512f", "avx512bw",
      "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_tile", "asimd",    "sve",     "bf16"};
  std::vector<std::string> found;
  std::istringstream words(flags);
  for (std::string word; words >> word;)
    if (std::ranges::find(known, word) != known.end()) found.push_back(word);
  return found.empty() ? "none that is used" : join(found, " ");
}

}  // namespace

Processor processor() {
  auto values = read_proc("/proc/cpuinfo");
  const std::string model = values["model name"], flags = values["flags"];
  return {.model = model.empty() ? "unknown" : model,
          .vectors = vector_extensions(flags.empty() ? values["Features"] : flags)};
}

}  // namespace uls
