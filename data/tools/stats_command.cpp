// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "data/tools/commands.h"
#include "data/tools/stats.h"

namespace uls {
namespace {

void print_stats(const std::string& dir, const std::string& json) {
  const auto dataset = Dataset::open(dir);
  const DatasetStats stats = count_dataset(*dataset);
  if (!json.empty()) write_json_file(json, to_json(stats, dataset->manifest()));
  print_text(to_text(stats, dataset->manifest()));
}

}  // namespace

Command data_stats_command() {
  return {"stats", "counts what a set holds: splits, tasks, kinds of sentence, mask areas, classes",
          [](Options& options) {
            const auto dir = std::make_shared<std::string>(), json = std::make_shared<std::string>();
            options.positional("DIR", *dir, "a set of the unified format");
            options.option("json", *json, "FILE", "writes the numbers there too");
            return [dir, json] { print_stats(*dir, *json); };
          }};
}

}  // namespace uls
