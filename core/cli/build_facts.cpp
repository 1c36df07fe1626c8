// SPDX-License-Identifier: Apache-2.0
// CMake gives the ULS_ words to this file alone, so that changing one compiles one file.
#include "core/cli/build_facts.h"

#include <fmt/core.h>

#include <string_view>

namespace uls {
namespace {

bool is_on(std::string_view word) { return word == "ON" || word == "1" || word == "TRUE"; }

}  // namespace

const BuildFacts& build_facts() {
  static const BuildFacts facts{.version = ULS_VERSION,
                                .compiler = ULS_COMPILER,
                                .arch = ULS_ARCH,
                                .sanitizer = ULS_SANITIZE,
                                .cuda = is_on(ULS_CUDA),
                                .onednn = is_on(ULS_ONEDNN),
                                .io = is_on(ULS_IO)};
  return facts;
}

std::string version_line() {
  const auto& facts = build_facts();
  const auto word = [](bool on) { return on ? "on" : "off"; };
  return fmt::format("{} ({}, {}, CUDA {}, oneDNN {}, YAML {}{})", facts.version, facts.compiler, facts.arch,
                     word(facts.cuda), word(facts.onednn), word(facts.io),
                     facts.sanitizer == "none" ? "" : ", sanitizer " + facts.sanitizer);
}

}  // namespace uls
