// SPDX-License-Identifier: Apache-2.0
#include "data/scenes/baselines_command.h"

#include <cmath>
#include <memory>

#include "core/base/error.h"
#include "data/scenes/baselines.h"
#include "data/tools/constant_mask.h"

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

Json constant_report(const Dataset& set, const std::string& averaged, const std::string& scored,
                     const std::vector<ConstantRow>& rows) {
  Json list = Json::array();
  for (const ConstantRow& row : rows) {
    Json entry = Json::object({{"task", to_string(row.task)},
                               {"group", row.group},
                               {"sentences", row.sentences},
                               {"averaged_masks", row.averaged},
                               {"overall_iou", row.overall_iou()}});
    if (!std::isnan(row.threshold)) entry.set("threshold", row.threshold);
    list.push_back(std::move(entry));
  }
  return Json::object({{"set", set.manifest().name},
                       {"source", set.manifest().source},
                       {"averaged", averaged},
                       {"split", scored},
                       {"rows", std::move(list)}});
}

void run_constant(const std::string& path, const std::string& averaged, const std::string& scored,
                  const std::string& json) {
  ULS_CHECK(!scored.empty(),
            "baselines: --constant needs --split; got none; expected the split to be scored");
  const auto set = Dataset::open(path);
  const std::vector<ConstantRow> rows = constant_rows(*set, averaged, scored);
  print("the best constant mask: means of the masks of {}, above the threshold that scores best on {}\n\n",
        averaged, scored);
  print("| {:<15} | {:<24} | {:>9} | {:>8} | {:>9} | {:>11} |\n", "task", "sentences of", "sentences",
        "averaged", "threshold", "overall IoU");
  print("| --- | --- | --- | --- | --- | --- |\n");
  for (const ConstantRow& row : rows)
    print("| {:<15} | {:<24} | {:>9} | {:>8} | {:>9} | {:>11.3f} |\n", to_string(row.task), row.group,
          row.sentences, row.averaged,
          std::isnan(row.threshold) ? "its own" : fmt::format("{:.3f}", row.threshold), row.overall_iou());
  if (!json.empty()) write_json_file(json, constant_report(*set, averaged, scored, rows));
}

}  // namespace

Command data_baselines_command() {
  return {"baselines",
          "scores of answers without understanding: nothing, everything, by colour, one mask for all",
          [](Options& options) {
            const auto path = std::make_shared<std::string>(), split = std::make_shared<std::string>(),
                       constant = std::make_shared<std::string>(), json = std::make_shared<std::string>();
            options.positional("DIR", *path, "a set of the unified format");
            options.option("split", *split, "S", "samples of this split alone");
            options.option("constant", *constant, "S",
                           "instead: the best constant masks, made of this split's and scored on --split");
            options.option("json", *json, "FILE", "the table as JSON");
            return [path, split, constant, json] {
              constant->empty() ? run(*path, *split, *json) : run_constant(*path, *constant, *split, *json);
            };
          }};
}

}  // namespace uls
