// SPDX-License-Identifier: Apache-2.0
// Golden files that nobody reads prove nothing: each has a test that replays it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <set>

#include "core/json/json.h"
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
const std::vector<Later> kLater{};

bool fits(const std::string& stem, const std::string& pattern) {
  return pattern.ends_with('*') ? stem.starts_with(pattern.substr(0, pattern.size() - 1)) : stem == pattern;
}

const Later* later(const std::string& stem) {
  const auto found = std::ranges::find_if(kLater, [&](const Later& one) { return fits(stem, one.stem); });
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
    if (std::ranges::any_of(readers, [&](const std::string& reader) { return fits(stem, reader); })) {
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
  CHECK_FALSE(later("op_mha_2"));
}

TEST_CASE("golden: the fixtures are complete and small") {
  // Archives of several kinds with the same tensors share a .json, which names them.
  std::set<std::string> named;
  for (const std::string& stem : golden_stems(kFixtures)) {
    const Json description = read_json_file((kFixtures / (stem + ".json")).string());
    if (const Json* files = description.find("files"))
      for (const JsonMember& file : files->members()) named.insert(file.key);
  }
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(kFixtures)) {
    bytes += entry.file_size();
    const std::string name = entry.path().filename().string();
    INFO(name << " belongs to no .json");
    CHECK((named.contains(name) || fs::exists(fs::path(entry.path()).replace_extension(".json"))));
  }
  CHECK(bytes > 0);
  CHECK(bytes <= 3 * 1024 * 1024);
}
