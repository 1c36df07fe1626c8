// SPDX-License-Identifier: Apache-2.0
// How this binary was built: what `unilseg --version`, doctor and fingerprints say.
#pragma once

#include <string>

namespace uls {

struct BuildFacts {
  std::string version;    ///< "0.1.0"
  std::string compiler;   ///< "GNU 12.2.0"
  std::string arch;       ///< of -march: "native"
  std::string sanitizer;  ///< "none", "address" or "thread"
  bool cuda;
  bool onednn;
  bool io;
};

const BuildFacts& build_facts();

/// "0.1.0 (GNU 12.2.0, native, CUDA off, oneDNN on, YAML on)".
std::string version_line();

}  // namespace uls
