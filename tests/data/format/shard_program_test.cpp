// SPDX-License-Identifier: Apache-2.0
// The command that packs shards, killed and started again; and what others read in its shards.
#include <signal.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <random>

#include "core/base/stopwatch.h"
#include "data/format/shard_dataset.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"
#include "tests/data/format/shard_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace fs = std::filesystem;

namespace {

// Images of noise, which no PNG makes small: about 180 kB each.
void write_large_set(const std::string& path, std::int64_t count) {
  DatasetWriter writer(path, small_manifest());
  std::minstd_rand random(1);
  for (std::int64_t n = 0; n < count; ++n) {
    Sample sample = small_sample(n);
    sample.regions.resize(1);
    sample.targets.resize(1);
    sample.ignore.reset();
    sample.height = 200, sample.width = 300;
    sample.regions[0].mask = box_mask({double(n), 3, 50, 60}, 200, 300);
    Image image{200, 300, 3, std::vector<std::uint8_t>(180'000)};
    for (std::uint8_t& value : image.pixels) value = std::uint8_t(random());
    writer.add_file(sample.image, encode_png(image));
    writer.add(sample);
  }
  writer.finish();
}

std::vector<std::string> shard_words(const std::string& from, const std::string& to) {
  return {ULS_PROGRAM, "data", "shard", from, "--out", to, "--size", "1"};
}

}  // namespace

TEST_CASE("data shard: killed at 20 random moments, the result has the same bytes", "[program]") {
  const Folder folder;
  write_large_set(folder / "set", 40);
  const Stopwatch watch;
  const auto result = run_process(shard_words(folder / "set", folder / "whole"));
  const double seconds = watch.seconds();
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out == (folder / "whole") + ": 40 samples, 40 targets\n");
  const auto whole = content_of(folder / "whole");
  CHECK(whole.size() == 11);
  require_same_sets(*Dataset::open(folder / "set"), *Dataset::open(folder / "whole"));

  std::mt19937 random(20);
  int killed = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string out = folder / ("killed" + std::to_string(i));
    const double moment = std::uniform_real_distribution(0.0, seconds)(random);
    killed += run_and_kill(moment, shard_words(folder / "set", out)).code == 128 + SIGKILL;
    if (!fs::exists(out + "/manifest.json")) {
      const auto again = run_process(shard_words(folder / "set", out));
      INFO(again.err);
      REQUIRE(again.code == 0);
    }
    INFO("killed after " << moment << " s");
    CHECK((content_of(out) == whole));
    fs::remove_all(out);
  }
  CHECK(killed > 0);
}

TEST_CASE("data shard: whole shards are kept", "[program]") {
  const Folder folder;
  write_large_set(folder / "set", 12);
  REQUIRE(run_process(shard_words(folder / "set", folder / "out")).code == 0);
  const auto whole = content_of(folder / "out");
  fs::remove(folder / "out/manifest.json");
  fs::remove(folder / "out/index.bin");
  fs::remove(folder / "out/shard-000002.tar");
  const auto time = fs::last_write_time(folder / "out/shard-000001.tar");
  CHECK(run_process(shard_words(folder / "set", folder / "out")).code == 0);
  CHECK(fs::last_write_time(folder / "out/shard-000001.tar") == time);
  CHECK((content_of(folder / "out") == whole));
  const auto again = run_process(shard_words(folder / "set", folder / "out"));
  CHECK(again.code == 2);
  CHECK(again.err == "unilseg: error: write " + (folder / "out") +
                         ": a set is there already; got manifest.json; expected another name\n");
}

TEST_CASE("data shard: Python's tarfile reads the shards", "[program]") {
  const std::string program = python_with("tarfile");
  if (program.empty()) ULS_SKIP("python", "no Python with tarfile");
  const Folder folder;
  write_small_set(folder / "set", 3);
  pack(folder / "set", folder / "shards", 1 << 20);
  CHECK(run_python(program, R"(
import json, sys, tarfile
with tarfile.open(sys.argv[1] + '/shard-000000.tar') as tar:
    names = tar.getnames()
    for name in names[::2]:
        sample = json.load(tar.extractfile(name))
        image = tar.extractfile(sample['image']).read()
        texts = [target['texts'][0] for target in sample['targets']]
        print(name, sample['id'], sample['image'], image[1:4].decode(), texts)
    print(len(names))
)",
                   folder / "shards") ==
        "000000000.json s000 000000000.png PNG ['the cat on the left', 'all cat', 'the horse']\n"
        "000000001.json s001 000000001.png PNG ['the cat on the left', 'all cat', 'the horse']\n"
        "000000002.json s002 000000002.png PNG ['the cat on the left', 'all cat', 'the horse']\n"
        "6\n");
}

TEST_CASE("data shard: the webdataset package reads the shards", "[program]") {
  const std::string program = python_with("webdataset, numpy, PIL");
  if (program.empty()) ULS_SKIP("peer", "no Python with webdataset");
  const Folder folder;
  write_small_set(folder / "set", 7);
  pack(folder / "set", folder / "shards", 8000);
  const std::string out = run_python(program, R"(
import glob, sys, webdataset
files = sorted(glob.glob(sys.argv[1] + '/shard-*.tar'))
for image, sample in webdataset.WebDataset(files, shardshuffle=False).decode('rgb8').to_tuple('png', 'json'):
    print(sample['id'], image.shape, int(image.sum()))
)",
                                     folder / "shards");
  std::string expected;
  for (std::int64_t n = 0; n < 7; ++n) {
    std::int64_t sum = 0;
    for (const std::uint8_t value : small_image(n).pixels) sum += value;
    expected += fmt::format("s{:03} (4, 6, 3) {}\n", n, sum);
  }
  CHECK(out == expected);
}
