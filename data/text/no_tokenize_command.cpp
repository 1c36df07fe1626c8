// SPDX-License-Identifier: Apache-2.0
// Stands in for the tokenizer where the build has no ICU.
#include "core/base/error.h"
#include "data/text/tokenize_command.h"

namespace uls {

Command tokenize_command() {
  return {"tokenize", "token ids of each line of standard input",
          [](Options&) { return [] { fail("tokenize: this build has no tokenizer (ULS_IO=OFF)"); }; }};
}

}  // namespace uls
