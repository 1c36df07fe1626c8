// SPDX-License-Identifier: Apache-2.0
// Every file under configs/ is read by somebody.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "core/config/config_node.h"
#include "eval/benchmark/benchmark.h"
#include "models/model_config.h"
#include "tests/core/io_fixture.h"
#include "tests/support/support.h"
#include "train/config/train_config.h"

namespace uls {
namespace {

const std::string kConfigs = ULS_SOURCE_DIR "/configs";

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : test::fs::directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  std::ranges::sort(files);
  REQUIRE_FALSE(files.empty());
  return files;
}

// The paths under `base` of a file.
std::vector<std::string> bases_of(const std::string& path) {
  std::vector<std::string> bases;
  const auto add = [&](const ConfigNode& item) {
    bases.push_back((test::fs::path(path).parent_path() / item.text).lexically_normal().string());
  };
  const ConfigNode file = read_yaml(path);
  const ConfigNode* base = file.find("base");
  if (base && base->kind == ConfigNode::Kind::scalar) add(*base);
  if (base)
    for (const ConfigNode& item : base->items) add(item);
  return bases;
}

TEST_CASE("presets: every run is read, and reads back from what it resolves to") {
  const test::Folder folder;
  for (const std::string& path : files_in(kConfigs)) {
    INFO(path);
    const Json resolved = train_table().to_json(read_train_config(path, {}));
    const std::string copy = folder / "copy.yaml";
    test::put(copy, to_yaml(resolved));
    CHECK(train_table().to_json(read_train_config(copy, {})) == resolved);
  }
}

TEST_CASE("presets: every network is read, and reads back from what it resolves to") {
  const ConfigFileKind kind = network_file_kind();
  const test::Folder folder;
  for (const std::string& path : files_in(kConfigs + "/models")) {
    INFO(path);
    CHECK(kind.fits(read_yaml(path)));
    const Json resolved = kind.resolved(path, {});
    const std::string copy = folder / "copy.yaml";
    test::put(copy, to_yaml(resolved));
    CHECK(kind.resolved(copy, {}) == resolved);
  }
}

TEST_CASE("presets: every piece is the base of a config") {
  std::set<std::string> used;
  for (const char* folder : {"", "/benchmarks", "/models", "/base"})
    for (const std::string& path : files_in(kConfigs + folder))
      for (const std::string& base : bases_of(path)) used.insert(base);
  for (const std::string& path : files_in(kConfigs + "/base")) {
    INFO(path);
    CHECK(used.contains(path));
  }
}

TEST_CASE("presets: benchmarks hold the published table and the commands that score on it") {
  std::size_t published = 0;
  for (const std::string& path : files_in(kConfigs + "/benchmarks")) {
    INFO(path);
    const Benchmark benchmark = read_benchmark(path);
    CHECK(benchmark_file_kind().fits(read_yaml(path)));
    published += benchmark.published.size();
    CHECK_FALSE(benchmark.source.empty());
    CHECK_FALSE(benchmark.caveat.empty());
    const std::string name = "configs/benchmarks/" + test::fs::path(path).filename().string();
    CHECK_THAT(benchmark.command, Catch::StartsWith("unilseg eval --benchmark " + name + " "));
    // The set that one command makes is the one that the other scores on.
    const std::size_t out = benchmark.convert.find(" --out ");
    REQUIRE(out != std::string::npos);
    const std::string set = benchmark.convert.substr(out + 7, benchmark.convert.find(' ', out + 7) - out - 7);
    CHECK_THAT(benchmark.command, Catch::Contains(" --data " + set + " "));
    // Lists are in the order of the table, which ends with UniLSeg's rows, the larger last.
    const std::size_t last = benchmark.methods.size() - 1;
    REQUIRE(last > 2);
    CHECK(benchmark.methods[last] == "UniLSeg-100 Swin-B");
    CHECK(benchmark.methods[last - 1] == "UniLSeg-20 Swin-B");
    CHECK(benchmark.published[last] > benchmark.published[last - 1]);
    for (std::size_t i = 0; i <= last; ++i)
      if (benchmark.methods[i].starts_with("CRIS")) CHECK(benchmark.metrics[i] == "mean_iou");
  }
  CHECK(published == 128);  // 18 rows of 8 columns without the empty cells
}

TEST_CASE("presets: CRIS's recipe in steps of its epochs") {
  const TrainConfig config = read_train_config(kConfigs + "/cris_recipe.yaml", {});
  constexpr std::int64_t kEpoch = 42404 / 64;
  CHECK(config.data.batch * config.accumulate == 64);
  CHECK(config.steps == 50 * kEpoch);
  CHECK(config.schedule.factor(0, config.steps) == 1);
  CHECK(config.schedule.factor(35 * kEpoch - 1, config.steps) == 1);
  CHECK(config.schedule.factor(35 * kEpoch, config.steps) == Approx(0.1));
  CHECK(config.schedule.factor(config.steps - 1, config.steps) == Approx(0.1));
}

TEST_CASE("presets: each stage of UniLSeg starts from the last checkpoint of the one before") {
  const auto last_of = [](const std::string& name) {
    const TrainConfig config = read_train_config(kConfigs + "/" + name + ".yaml", {});
    return fmt::format("{}/checkpoints/step-{:08}/model.safetensors", config.run, config.steps);
  };
  for (const auto& [before, after] : {std::pair("unilseg_swin_b_pretrain", "unilseg_swin_b"),
                                      std::pair("unilseg_swin_b", "unilseg_swin_b_finetune")})
    CHECK(read_train_config(kConfigs + "/" + after + ".yaml", {}).init == std::vector{last_of(before)});
}

}  // namespace
}  // namespace uls
