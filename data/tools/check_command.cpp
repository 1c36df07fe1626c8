// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "data/format/folder_dataset.h"
#include "data/tools/check.h"
#include "data/tools/commands.h"

namespace uls {
namespace {

struct CheckOptions {
  std::string dir{}, json{};
  std::int64_t length = 17;
};

std::unique_ptr<Dataset> open_to_check(const std::string& path) {
  if (!std::filesystem::exists(std::filesystem::path(path) / kLinesName)) return Dataset::open(path);
  return open_any_folder_dataset(path);
}

void check_set(const CheckOptions& options) {
  ULS_CHECK(options.length >= 2, "data check: --length: wrong value; got {}; expected at least 2",
            options.length);
  const auto dataset = open_to_check(options.dir);
  Json findings = Json::array();
  std::map<std::string, std::int64_t> kinds;
  const CheckResult result = check_dataset(*dataset, options.length, [&](const Finding& finding) {
    print("{}: {}: {}\n", finding.place, finding.kind, finding.text);
    ++kinds[finding.kind];
    if (!options.json.empty())
      findings.push_back(
          Json::object({{"kind", finding.kind}, {"place", finding.place}, {"text", finding.text}}));
  });
  std::string list;
  Json counts = Json::object();
  for (const auto& [kind, count] : kinds) {
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", count, kind);
    counts.set(kind, count);
  }
  if (!options.json.empty())
    write_json_file(options.json, Json::object({{"samples", result.samples},
                                                {"targets", result.targets},
                                                {"counts", counts},
                                                {"findings", findings}}));
  if (result.findings > 0)
    throw DataError(fmt::format("data check {}: {} findings in {} samples; got {}; expected none",
                                options.dir, result.findings, result.samples, list));
  print("{}: {} samples, {} targets: nothing found\n", options.dir, result.samples, result.targets);
}

}  // namespace

Command data_check_command() {
  return {"check", "reads every sample, image and mask of a set and says what is wrong",
          [](Options& options) {
            const auto chosen = std::make_shared<CheckOptions>();
            options.positional("DIR", chosen->dir, "a set of the unified format");
            options.option("length", chosen->length, "N",
                           "tokens of a text that the model reads, start and end included");
            options.option("json", chosen->json, "FILE", "writes the findings there too");
            return [chosen] { check_set(*chosen); };
          }};
}

}  // namespace uls
