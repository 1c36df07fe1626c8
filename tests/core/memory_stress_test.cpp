// SPDX-License-Identifier: Apache-2.0
// The caching policy under load: a random workload beside a simple model, and several threads.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/op_scope.h"
#include "core/memory/caching_allocator.h"
#include "tests/core/memory_fixture.h"

namespace uls {
namespace {

// Live blocks of the model, by address: size, and a mark every 64 KiB and one at the end.
class Model {
 public:
  explicit Model(CachingAllocator& allocator) : allocator_(allocator) {}

  void allocate(std::int64_t bytes, std::uint64_t stream, unsigned char mark) {
    char* const address = static_cast<char*>(allocator_.allocate(bytes, stream));
    const auto next = live_.lower_bound(address);
    REQUIRE((next == live_.end() || address + bytes <= next->first));
    if (next != live_.begin()) REQUIRE(std::prev(next)->first + std::prev(next)->second.bytes <= address);
    REQUIRE(reinterpret_cast<std::uintptr_t>(address) % 512 == 0);
    live_[address] = {bytes, mark};
    requested_ += bytes;
    for_marks(address, bytes, [&](char& place) { place = char(mark); });
  }

  void free(std::size_t position) {
    const auto chosen = std::next(live_.begin(), std::ptrdiff_t(position));
    const auto [address, block] = *chosen;
    std::int64_t damaged = 0;
    for_marks(address, block.bytes, [&](char& place) { damaged += place != char(block.mark); });
    REQUIRE(damaged == 0);
    requested_ -= block.bytes;
    live_.erase(chosen);
    allocator_.free(address);
  }

  std::size_t size() const { return live_.size(); }
  std::int64_t requested() const { return requested_; }

 private:
  struct Entry {
    std::int64_t bytes;
    unsigned char mark;
  };

  template <typename Fn>
  static void for_marks(char* address, std::int64_t bytes, Fn&& fn) {
    for (std::int64_t i = 0; i < bytes; i += 64 * kKiB) fn(address[i]);
    if (bytes > 0) fn(address[bytes - 1]);
  }

  CachingAllocator& allocator_;
  std::map<char*, Entry> live_;
  std::int64_t requested_ = 0;
};

TEST_CASE("memory: a random workload agrees with a simple model", "[memory]") {
  const bool caching = GENERATE(true, false);
  FakeSource source(160 * kMiB);
  CachingAllocator allocator(source, {.caching = caching});
  Model model(allocator);
  std::mt19937 random(20240607);
  const auto draw = [&](std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random);
  };

  int failures = 0;
  for (int step = 0; step < 5000; ++step) {
    if (model.size() == 0 || draw(99) < 52) {
      // Sizes even on a logarithmic scale from 0 to 40 MiB.
      const std::int64_t bytes = draw(std::min(40 * kMiB, std::int64_t(1) << draw(26)));
      try {
        model.allocate(bytes, std::uint64_t(draw(2)), static_cast<unsigned char>(draw(255)));
      } catch (const OutOfMemory&) {
        ++failures;
        model.free(std::size_t(draw(std::int64_t(model.size()) - 1)));
      }
    } else {
      model.free(std::size_t(draw(std::int64_t(model.size()) - 1)));
    }
    const auto now = allocator.statistics();
    REQUIRE(now.live_requested == model.requested());
    REQUIRE(now.live + now.cached == now.reserved);
    REQUIRE(now.cached >= 0);
    REQUIRE(now.reserved == source.held());
  }
  CHECK(failures > 0);
  CHECK((allocator.statistics().retries > 0) == caching);

  while (model.size() > 0) model.free(0);
  const auto end = allocator.statistics();
  CHECK(end.live == 0);
  CHECK(end.splits == end.merges);
  allocator.release_cached();
  CHECK(source.segments.empty());
  CHECK(source.wrong_releases == 0);
}

TEST_CASE("memory: threads share an allocator", "[memory]") {
  FakeSource source(256 * kMiB);
  CachingAllocator allocator(source);
  constexpr int kThreads = 4, kRounds = 3000;
  std::vector<int> damaged(kThreads);
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&allocator, &bad = damaged[std::size_t(t)], t] {
      const OpScope scope(t % 2 ? "odd" : "even");
      std::mt19937 random{unsigned(t)};
      std::vector<std::pair<int*, int>> live;
      for (int round = 0; round < kRounds; ++round) {
        const int bytes = 4 << random() % 20;
        int* const block = static_cast<int*>(allocator.allocate(bytes, std::uint64_t(t % 2)));
        block[0] = block[bytes / 4 - 1] = t * kRounds + round;
        live.push_back({block, bytes});
        if (live.size() < 8) continue;
        const auto [old, size] = live.front();
        bad += old[0] != old[size / 4 - 1] || old[0] != t * kRounds + round - 7;
        allocator.free(old);
        live.erase(live.begin());
        if (round % 500 == 0) allocator.release_cached(), allocator.report();
      }
      for (const auto& [block, bytes] : live) allocator.free(block);
    });
  threads.clear();

  CHECK(damaged == std::vector<int>(kThreads, 0));
  const auto end = allocator.statistics();
  CHECK(end.allocations == kThreads * kRounds);
  CHECK(end.live == 0);
  CHECK(end.splits == end.merges);
  CHECK(allocator.owners().empty());
}

}  // namespace
}  // namespace uls
