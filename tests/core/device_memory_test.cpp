// SPDX-License-Identifier: Apache-2.0
// The source of the CPU and the allocator that tensors use.
#include <catch2/catch.hpp>
#include <cstring>

#include "core/memory/cpu_source.h"
#include "core/memory/device_memory.h"
#include "tests/core/memory_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("memory: the CPU source aligns, and survives what it cannot give", "[memory]") {
  for (const bool huge_pages : {true, false}) {
    CpuSource source(huge_pages);
    for (const std::int64_t bytes : {std::int64_t(1), 2 * kMiB - 1, 2 * kMiB, 5 * kMiB + 3}) {
      char* const block = static_cast<char*>(source.allocate(bytes));
      REQUIRE(block);
      CHECK(reinterpret_cast<std::uintptr_t>(block) % (huge_pages && bytes >= 2 * kMiB ? 2 * kMiB : 64) == 0);
      block[0] = block[bytes - 1] = 1;
      source.release(block, bytes);
    }
  }
  CHECK(CpuSource().allocate(std::int64_t(1) << 47) == nullptr);
}

TEST_CASE("memory: the allocator of a device", "[memory]") {
  CachingAllocator& cpu = device_allocator(kCpu);
  CHECK(&cpu == &device_allocator(kCpu));
  void* const block = cpu.allocate(3 * kMiB);
  std::memset(block, 1, 3 * kMiB);
  cpu.free(block);

  CHECK(test::error_of([] { device_allocator(parse_device("cuda")); }) ==
        "memory: this build has no CUDA device; got cuda:0; expected cpu");
  CHECK_THROWS_AS(device_allocator(kMeta), Bug);
}

}  // namespace
}  // namespace uls
