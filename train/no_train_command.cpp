// SPDX-License-Identifier: Apache-2.0
// Stands in for the trainer where the build reads no files.
#include "core/base/error.h"
#include "train/train_command.h"

namespace uls {
namespace {

Command missing(const char* name, const char* summary) {
  return {name, summary,
          [name](Options&) { return [name] { fail("{}: this build has no trainer (ULS_IO=OFF)", name); }; }};
}

}  // namespace

Command train_command() { return missing("train", "trains a model"); }
Command report_command() { return missing("report", "writes the page of a run"); }
std::vector<const Schema*> train_tables() { return {}; }
std::vector<ConfigFileKind> train_files() { return {}; }

}  // namespace uls
