// SPDX-License-Identifier: Apache-2.0
// Golden files that nobody reads prove nothing: each has a test that replays it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>

#include "tests/house/source_rules.h"
#include "tests/support/support.h"

using namespace uls;

namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = fs::path(ULS_SOURCE_DIR) / "tests/fixtures";

// What this version has no reader for, by the stems of the files ("*" at the end: any), and what is missing.
struct Later {
  std::string stem, missing;
};
const std::vector<Later> kLater{
    {"op_window", "operation"},
    {"fpn_decoder_*", "model part"},
    {"fusion", "model part"},
    {"query_decoder_*", "model part"},
    {"swin_*", "model part"},
    {"text_encoder", "model part"},
    {"e2e_*", "model"},
    {"vision_language_block", "model part"},
    {"full_size", "model"},
    {"image", "image pipeline"},
    {"loader_*", "reader of weights"},
    {"tokenizer", "tokenizer"},
};

const Later* later(const std::string& stem) {
  const auto found = std::ranges::find_if(kLater, [&](const Later& one) {
    return one.stem.ends_with('*') ? stem.starts_with(one.stem.substr(0, one.stem.size() - 1))
                                   : stem == one.stem;
  });
  return found == kLater.end() ? nullptr : &*found;
}

std::vector<std::string> golden_stems(const fs::path& folder) {
  std::vector<std::string> stems;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".json" && entry.path().filename() != "manifest.json")
      stems.push_back(entry.path().stem().string());
  std::ranges::sort(stems);
  return stems;
}

}  // namespace

TEST_CASE("golden: every file has a reader", "[golden]") {
  const fs::path folder = test::golden_folder();
  INFO(folder.string());
  REQUIRE(fs::is_directory(folder));
  const auto stems = golden_stems(folder);
  REQUIRE_FALSE(stems.empty());
  const auto readers = house::golden_readers(house::read_sources(ULS_SOURCE_DIR));
  const bool own = fs::equivalent(folder, kFixtures);
  int read = 0;
  for (const std::string& stem : stems) {
    if (readers.contains(stem)) {
      ++read;
    } else if (const Later* kind = own ? nullptr : later(stem)) {
      std::printf("[skip] golden %s: no such %s in this version\n", stem.c_str(), kind->missing.c_str());
    } else {
      FAIL_CHECK(stem << ".json: no test replays it");
    }
  }
  if (read == 0)
    ULS_SKIP("golden", "none of the files in " + folder.string() + " has a reader in this version");
  CHECK(read > 0);
}

TEST_CASE("golden: a kind that has a reader is no longer among those to come") {
  for (const std::string& stem : house::golden_readers(house::read_sources(ULS_SOURCE_DIR))) {
    INFO(stem);
    CHECK(later(stem) == nullptr);
  }
  CHECK(later("swin_tiny"));
  CHECK_FALSE(later("swin"));
  CHECK_FALSE(later("op_mha_2"));
}

TEST_CASE("golden: the fixtures are complete and small") {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(kFixtures)) {
    bytes += entry.file_size();
    INFO(entry.path().filename().string() << " belongs to no .json");
    CHECK(fs::exists(fs::path(entry.path()).replace_extension(".json")));
  }
  CHECK(bytes > 0);
  CHECK(bytes <= 3 * 1024 * 1024);
}
