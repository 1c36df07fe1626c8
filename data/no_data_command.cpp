// SPDX-License-Identifier: Apache-2.0
// Stands in for the data commands where the build has no image files.
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "data/data_command.h"

namespace uls {

Command data_command() {
  return {"data", "makes, checks and shows data sets of the unified format", [](Options& options) {
            const auto words = std::make_shared<std::vector<std::string>>();
            options.rest("ARGS", *words, "a command and its words");
            return [words] { fail("data: this build reads no image files (ULS_IO=OFF)"); };
          }};
}

}  // namespace uls
