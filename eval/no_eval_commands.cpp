// SPDX-License-Identifier: Apache-2.0
// Stands in for the commands that predict where the build has no image files.
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "eval/eval_command.h"
#include "eval/predict_command.h"

namespace uls {
namespace {

Command unable(const char* name, const char* summary) {
  return {name, summary, [name](Options& options) {
            const auto words = std::make_shared<std::vector<std::string>>();
            options.rest("ARGS", *words, "options");
            return [name, words] { fail("{}: this build reads no image files (ULS_IO=OFF)", name); };
          }};
}

}  // namespace

Command eval_command() { return unable("eval", "scores a model on a data set of the unified format"); }
std::vector<const Schema*> eval_tables() { return {}; }
std::vector<ConfigFileKind> eval_files() { return {}; }
Command predict_command() { return unable("predict", "masks of sentences on pictures"); }

}  // namespace uls
