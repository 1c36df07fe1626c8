// SPDX-License-Identifier: Apache-2.0
// What the index of a large set costs. The lines themselves are a file of holes: opening does not read them.
//   build/cpu/tests/data_tests "index size: ten million targets"
#include <unistd.h>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdio>

#include "data/format/sample_lines.h"
#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"

using namespace uls;
using namespace uls::test;

namespace {

constexpr std::int64_t kTargetsEach = 10;

// A set of `samples` with ten targets each.
void write_large_index(const std::string& path, std::int64_t samples) {
  fs::create_directories(path);
  IndexBuilder builder(small_manifest());
  Sample sample = small_sample(0);
  sample.targets.resize(kTargetsEach, sample.targets[0]);
  for (std::int64_t n = 0; n < samples; ++n) {
    sample.id = std::to_string(n);
    for (std::int64_t t = 0; t < kTargetsEach; ++t)
      sample.targets[std::size_t(t)].id = std::to_string(n * kTargetsEach + t);
    builder.add(sample, 1000, "made");
  }
  put(path + "/samples.jsonl", "");
  fs::resize_file(path + "/samples.jsonl", std::uintmax_t(builder.bytes()));
  const MappedFile lines(path + "/samples.jsonl");
  put(path + "/index.bin", builder.finish({lines.data(), std::size_t(lines.size())}));
  write_json_file(path + "/manifest.json", to_json(small_manifest()));
}

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  REQUIRE(file >> size >> resident);
  return resident * sysconf(_SC_PAGESIZE);
}

struct Cost {
  double seconds;
  std::int64_t opened, walked;  // bytes of memory more than before: after opening, and after using every row
};

Cost open_and_walk(const std::string& path, std::int64_t targets) {
  const std::int64_t before = resident_bytes();
  const auto start = std::chrono::steady_clock::now();
  const auto set = Dataset::open(path);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  const std::int64_t opened = resident_bytes();
  REQUIRE(set->target_count() == targets);
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < targets; ++i) {
    const TargetRef ref = set->target(i);
    wrong += ref.sample != i / kTargetsEach || ref.target != i % kTargetsEach;
  }
  CHECK(wrong == 0);
  return {time.count(), opened - before, resident_bytes() - before};
}

void check_size(std::int64_t samples) {
  const Folder folder;
  write_large_index(folder / "set", samples);
  const std::int64_t targets = samples * kTargetsEach;
  const Cost cost = open_and_walk(folder / "set", targets);
  const double each = double(fs::file_size(folder / "set/index.bin")) / double(targets);
  std::printf(
      "index of %lld targets: %.1f bytes each, opened in %.4f s; memory %.1f MiB opened, %.1f MiB used\n",
      static_cast<long long>(targets), each, cost.seconds, double(cost.opened) / (1 << 20),
      double(cost.walked) / (1 << 20));
  CHECK(each < 17);
  CHECK(cost.walked < 100 * targets);
}

}  // namespace

TEST_CASE("index size: a hundred thousand targets") { check_size(10'000); }

TEST_CASE("index size: ten million targets", "[.large]") { check_size(1'000'000); }
