// SPDX-License-Identifier: Apache-2.0
// The caching policy, choice by choice.
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "core/base/op_scope.h"
#include "core/memory/caching_allocator.h"
#include "tests/core/memory_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

// Frees at its end what a test left live.
class TestAllocator : public CachingAllocator {
 public:
  using CachingAllocator::CachingAllocator;
  ~TestAllocator() {
    for (char* block : taken_) CachingAllocator::free(block);
  }

  char* take(std::int64_t bytes, std::uint64_t stream = 0) {
    char* const block = static_cast<char*>(allocate(bytes, stream));
    taken_.insert(block);
    return block;
  }

  void free(char* block) {
    taken_.erase(block);
    CachingAllocator::free(block);
  }

 private:
  std::set<char*> taken_;
};

// What `action` writes to stderr.
template <typename Action>
std::string logged(Action&& action) {
  std::fflush(stderr);
  std::FILE* const file = std::tmpfile();
  const int saved = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  action();
  std::fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  std::rewind(file);
  std::string text(1 << 14, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST_CASE("memory: requests share segments by pool", "[memory]") {
  FakeSource source;
  TestAllocator allocator(source);
  char* const a = allocator.take(1);
  CHECK(allocator.take(512) == a + 512);
  CHECK(allocator.take(513) == a + 1024);
  CHECK(allocator.take(0) == a + 2048);
  CHECK(allocator.take(kMiB) == a + 2560);
  CHECK(source.allocated == std::vector<std::int64_t>{2 * kMiB});

  char* const b = allocator.take(kMiB + 1);
  CHECK(allocator.take(10 * kMiB) == b + kMiB + 512);
  allocator.take(10 * kMiB + 1);
  allocator.take(31 * kMiB);
  CHECK(source.allocated == std::vector<std::int64_t>{2 * kMiB, 20 * kMiB, 12 * kMiB, 32 * kMiB});
}

TEST_CASE("memory: splits where the rest is of use, merges with free neighbours", "[memory]") {
  FakeSource source;
  TestAllocator allocator(source);

  SECTION("small pool: a rest of 512 bytes is kept") {
    allocator.take(kMiB);
    char* const b = allocator.take(kMiB - 512);
    CHECK(allocator.take(512) == b + kMiB - 512);
    CHECK(allocator.statistics().splits == 2);
    CHECK(allocator.statistics().cached == 0);
  }
  SECTION("large pool: a rest of 1 MiB stays with the block, a larger one does not") {
    allocator.take(10 * kMiB);
    allocator.take(9 * kMiB);
    CHECK(allocator.statistics().live == 20 * kMiB);
    CHECK(allocator.statistics().live_requested == 19 * kMiB);
    CHECK(allocator.statistics().splits == 1);

    allocator.take(10 * kMiB);
    allocator.take(9 * kMiB - 512);
    CHECK(allocator.statistics().live == 39 * kMiB - 512);
    CHECK(allocator.statistics().splits == 3);
  }
  SECTION("merging, with the earlier, the later and both neighbours") {
    std::vector<char*> blocks;
    for (int i = 0; i < 5; ++i) blocks.push_back(allocator.take(1024));
    allocator.free(blocks[1]);
    CHECK(allocator.statistics().merges == 0);
    allocator.free(blocks[0]);
    CHECK(allocator.statistics().merges == 1);
    CHECK(allocator.take(2048) == blocks[0]);
    allocator.free(blocks[0]);
    allocator.free(blocks[3]);
    CHECK(allocator.statistics().merges == 1);
    allocator.free(blocks[2]);
    CHECK(allocator.statistics().merges == 3);
    CHECK(allocator.take(4096) == blocks[0]);
    allocator.free(blocks[0]);
    allocator.free(blocks[4]);
    CHECK(allocator.statistics().merges == 5);
    CHECK(allocator.statistics().cached == 2 * kMiB);
    allocator.release_cached();
    CHECK(source.segments.empty());
  }
}

TEST_CASE("memory: best fit is the smallest block that suffices, then the lowest address", "[memory]") {
  FakeSource source;
  TestAllocator allocator(source);
  std::vector<char*> blocks;
  // Live blocks of 512 bytes keep holes of 4, 2, 2 and 3 KiB apart.
  for (const std::int64_t kib : {4, 2, 2, 3}) {
    blocks.push_back(allocator.take(kib * kKiB));
    allocator.take(512);
  }
  for (char* block : {blocks[2], blocks[0], blocks[3], blocks[1]}) allocator.free(block);

  CHECK(allocator.take(2 * kKiB) == blocks[1]);
  CHECK(allocator.take(1600) == blocks[2]);
  CHECK(allocator.take(2 * kKiB + 1) == blocks[3]);
  CHECK(allocator.take(512) == blocks[3] + 2560);
  CHECK(allocator.take(4 * kKiB) == blocks[0]);
  CHECK(source.allocated.size() == 1);
}

TEST_CASE("memory: a block is reused on its own stream alone", "[memory]") {
  FakeSource source;
  TestAllocator allocator(source);
  char* const a = allocator.take(4 * kMiB, 7);
  allocator.free(a);
  CHECK(allocator.take(4 * kMiB, 0) == a + 20 * kMiB);
  CHECK(allocator.take(4 * kMiB, 9) == a + 40 * kMiB);
  CHECK(allocator.take(4 * kMiB, 7) == a);
  CHECK(source.allocated == std::vector<std::int64_t>{20 * kMiB, 20 * kMiB, 20 * kMiB});
}

TEST_CASE("memory: free segments go back and the request is tried again", "[memory]") {
  FakeSource source(42 * kMiB);
  TestAllocator allocator(source);
  char* const small = allocator.take(1000);
  std::memset(small, 0x5a, 1000);
  char* const a = allocator.take(10 * kMiB);
  char* const b = allocator.take(15 * kMiB);
  allocator.free(a);
  allocator.free(b);
  CHECK(source.held() == 38 * kMiB);

  allocator.take(30 * kMiB);
  CHECK(source.failures == 1);
  CHECK(source.held() == 32 * kMiB);
  CHECK(allocator.statistics().retries == 1);
  CHECK(allocator.statistics().reserved == 32 * kMiB);
  CHECK(allocator.statistics().peak_reserved == 38 * kMiB);
  CHECK(std::count(small, small + 1000, 0x5a) == 1000);
}

TEST_CASE("memory: statistics", "[memory]") {
  FakeSource source;
  TestAllocator allocator(source);
  char* const a = allocator.take(100);
  char* const b = allocator.take(3 * kMiB);
  allocator.free(a);
  allocator.take(700);

  const auto now = allocator.statistics();
  CHECK(now.live_requested == 3 * kMiB + 700);
  CHECK(now.live == 3 * kMiB + 1024);
  CHECK(now.reserved == 22 * kMiB);
  CHECK(now.cached == 19 * kMiB - 1024);
  CHECK(now.peak_live == 3 * kMiB + 1024);
  CHECK(now.peak_reserved == 22 * kMiB);
  CHECK(now.allocations == 3);
  CHECK(now.source_allocations == 2);
  CHECK(now.splits == 3);
  CHECK(now.merges == 1);
  CHECK(now.retries == 0);

  allocator.free(b);
  allocator.free(allocator.take(1024));
  CHECK(allocator.statistics().live == 1024);
  CHECK(allocator.statistics().peak_live == 3 * kMiB + 1024);
  allocator.release_cached();
  CHECK(allocator.statistics().reserved == 2 * kMiB);
  allocator.reset_peak();
  CHECK(allocator.statistics().peak_live == 1024);
  CHECK(allocator.statistics().peak_reserved == 2 * kMiB);
  CHECK(allocator.report() ==
        "memory on cpu: 1.0 KiB live (700 B requested), 2.0 MiB cached, 2.0 MiB reserved, "
        "largest free block 2.0 MiB\n"
        "  peak: 1.0 KiB live, 2.0 MiB reserved\n"
        "  4 allocations, 2 from the source, 4 splits, 3 merges, 0 retries\n"
        "     1.0 KiB  other\n");
}

TEST_CASE("memory: live bytes are booked on the operation", "[memory]") {
  FakeSource source;
  TestAllocator allocator(source);
  const char copy_of_name[] = "gemm";
  char* a = nullptr;
  {
    const OpScope scope("gemm");
    a = allocator.take(4 * kMiB);
    const OpScope inner("softmax");
    allocator.take(kMiB);
  }
  {
    const OpScope scope(copy_of_name);
    allocator.take(kMiB);
  }
  {
    const OpScope scope("add");
    allocator.take(1024);
  }
  allocator.take(1024);
  CHECK(allocator.owners() == std::vector<OwnerBytes>{{"gemm", 6 * kMiB}, {"add", 1024}, {"other", 1024}});
  const OpScope scope("other_op");  // freed elsewhere than it was allocated
  allocator.free(a);
  CHECK(allocator.owners() == std::vector<OwnerBytes>{{"gemm", 2 * kMiB}, {"add", 1024}, {"other", 1024}});
}

TEST_CASE("memory: out of memory says why, and leaves the rest intact", "[memory]") {
  FakeSource source(64 * kMiB);
  TestAllocator allocator(source, {.name = "fake:0"});
  std::vector<char*> blocks;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    const OpScope scope(name);
    blocks.push_back(allocator.take((std::int64_t(blocks.size()) + 2) * kMiB));
    std::memset(blocks.back(), name[0], kMiB);
  }
  const auto before = allocator.statistics();

  std::string message;
  {
    const OpScope scope("conv2d");
    CHECK_THROWS_AS(allocator.take(48 * kMiB), OutOfMemory);
    message = test::error_of([&] { allocator.take(48 * kMiB); });
  }
  CHECK(message ==
        "conv2d: out of memory on fake:0; got a request of 48.0 MiB with 27.0 MiB live, 13.0 MiB cached, "
        "largest free block 13.0 MiB, most held by f 7.0 MiB, e 6.0 MiB, d 5.0 MiB, c 4.0 MiB, b 3.0 MiB; "
        "expected a smaller batch size");

  CHECK(allocator.statistics().live == before.live);
  CHECK(allocator.statistics().allocations == before.allocations);
  CHECK(source.held() == 40 * kMiB);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    CHECK(std::count(blocks[i], blocks[i] + kMiB, char('a' + i)) == kMiB);
    allocator.free(blocks[i]);
  }
  CHECK(allocator.take(48 * kMiB) != nullptr);
  CHECK(allocator.owners() == std::vector<OwnerBytes>{{"other", 48 * kMiB}});
}

TEST_CASE("memory: the limit counts what is reserved", "[memory]") {
  FakeSource source;
  TestAllocator allocator(source, {.limit = 40 * kMiB});
  char* const a = allocator.take(30 * kMiB);
  CHECK(test::error_of([&] { allocator.take(12 * kMiB); }) ==
        "memory: out of memory on cpu; got a request of 12.0 MiB with 30.0 MiB live, 0 B cached, "
        "largest free block 0 B, most held by other 30.0 MiB; "
        "expected a smaller batch size or a higher ULS_MEMORY_LIMIT (now 40.0 MiB)");
  CHECK(allocator.statistics().retries == 0);
  allocator.free(a);
  CHECK(allocator.take(40 * kMiB) != nullptr);
  CHECK(allocator.statistics().retries == 1);
  CHECK(allocator.statistics().reserved == 40 * kMiB);
  CHECK(source.failures == 0);
}

TEST_CASE("memory: without caching every request reaches the source in its exact size", "[memory]") {
  FakeSource source;
  TestAllocator allocator(source, {.caching = false, .limit = 4 * kMiB});
  char* const a = allocator.take(100);
  char* const b = allocator.take(3 * kMiB + 1);
  allocator.take(0);
  CHECK(source.allocated == std::vector<std::int64_t>{100, 3 * kMiB + 1, 1});
  CHECK(allocator.statistics().live == 3 * kMiB + 102);
  CHECK(allocator.statistics().cached == 0);
  CHECK_THROWS_AS(allocator.take(kMiB), OutOfMemory);
  allocator.free(a);
  allocator.free(b);
  CHECK(source.held() == 1);
  CHECK(allocator.statistics().reserved == 1);
  CHECK(source.wrong_releases == 0);
}

TEST_CASE("memory: wrong sizes and wrong pointers", "[memory]") {
  FakeSource source;
  TestAllocator allocator(source);
  CHECK(test::error_of([&] { allocator.take(-1); }) ==
        "memory: impossible size; got -1 bytes; expected 0 to 140737488355328");
  CHECK_THROWS_AS(allocator.take(std::numeric_limits<std::int64_t>::max()), Error);

  char* const zero = allocator.take(0);
  char* const a = allocator.take(1000);
  CHECK(zero != a);
  allocator.free(nullptr);
  allocator.free(zero);
  const auto before = allocator.statistics();
  char foreign = 0;
  for (char* wrong : {zero, a + 64, &foreign}) {
    const std::string text = logged([&] { allocator.free(wrong); });
    CHECK_THAT(text, Catch::StartsWith("unilseg: error: bug: memory: a pointer was freed twice, "
                                       "or is not of the cpu allocator: 0x"));
  }
  CHECK(allocator.statistics().live == before.live);
  CHECK(allocator.statistics().cached == before.cached);
  CHECK(logged([&] { allocator.free(a); }).empty());
}

TEST_CASE("memory: an allocator that ends gives back what is free and names what is not", "[memory]") {
  FakeSource source;
  const std::string text = logged([&] {
    CachingAllocator allocator(source);
    const OpScope scope("embedding");
    allocator.allocate(1024);
    allocator.free(allocator.allocate(5 * kMiB));
  });
  CHECK(text == "unilseg: error: memory: the cpu allocator ends before its blocks: embedding 1.0 KiB\n");
  CHECK(source.held() == 2 * kMiB);
}

}  // namespace
}  // namespace uls
