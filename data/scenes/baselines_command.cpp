// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/baselines_command.h"

#include <memory>

#include "data/scenes/baselines.h"

namespace uls {
namespace {

std::string shown_kind(const BaselineRow& row) { return row.kind.empty() ? "all" : row.kind; }

double share_over_half(const BaselineRow& row, std::size_t baseline) {
  return double(row.scores[baseline].over_half) / double(row.sentences);
}

Json report(const Dataset& set, const std::string& split, const std::vector<BaselineRow>& rows) {
  Json list = Json::array();
  for (const BaselineRow& row : rows) {
    Json entry = Json::object(
        {{"task", to_string(row.task)}, {"kind", shown_kind(row)}, {"sentences", row.sentences}});
    for (std::size_t b = 0; b < kBaselineNames.size(); ++b)
      entry.set(kBaselineNames[b], Json::object({{"overall_iou", row.scores[b].overall_iou()},
                                                 {"over_half", share_over_half(row, b)},
                                                 {"mean_iou_of_sentences", row.mean_iou[b]}}));
    list.push_back(std::move(entry));
  }
  return Json::object({{"set", set.manifest().name},
                       {"source", set.manifest().source},
                       {"split", split.empty() ? "all" : split},
                       {"rows", std::move(list)}});
}

void run(const std::string& path, const std::string& split, const std::string& json) {
  const auto set = Dataset::open(path);
  const std::vector<BaselineRow> rows = baseline_rows(*set, split);
  print("overall IoU / share over 0.5 / mean IoU of the different sentences\n\n");
  print("| {:<15} | {:<10} | {:>9} |", "task", "kind", "sentences");
  for (const char* name : kBaselineNames) print(" {:<17} |", name);
  print("\n| --- | --- | --- | --- | --- | --- |\n");
  for (const BaselineRow& row : rows) {
    print("| {:<15} | {:<10} | {:>9} |", to_string(row.task), shown_kind(row), row.sentences);
    for (std::size_t b = 0; b < kBaselineNames.size(); ++b)
      print(" {:.3f} {:.3f} {:.3f} |", row.scores[b].overall_iou(), share_over_half(row, b), row.mean_iou[b]);
    print("\n");
  }
  if (!json.empty()) write_json_file(json, report(*set, split, rows));
}

}  // namespace

Command data_baselines_command() {
  return {"baselines", "scores of answers without understanding: nothing, everything, by colour",
          [](Options& options) {
            const auto path = std::make_shared<std::string>(), split = std::make_shared<std::string>(),
                       json = std::make_shared<std::string>();
            options.positional("DIR", *path, "a set of the unified format");
            options.option("split", *split, "S", "samples of this split alone");
            options.option("json", *json, "FILE", "the table as JSON");
            return [path, split, json] { run(*path, *split, *json); };
          }};
}

}  // namespace uls
