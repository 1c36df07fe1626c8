// SPDX-License-Identifier: Apache-2.0
// The source of the CPU, the settings, and the allocator that tensors use.
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/memory/cpu_source.h"
#include "core/memory/device_memory.h"
#include "tests/core/memory_fixture.h"

namespace uls {
namespace {

// An environment variable for the length of a scope.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) previous_ = old;
    setenv(name, value, 1);
  }
  ~Variable() { previous_.empty() ? unsetenv(name_) : setenv(name_, previous_.c_str(), 1); }

 private:
  const char* name_;
  std::string previous_;
};

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

TEST_CASE("memory: settings from the environment", "[memory]") {
  const auto limit_of = [](const char* text) {
    const Variable limit("ULS_MEMORY_LIMIT", text);
    return override_from_environment({.limit = 7}).limit;
  };
  CHECK(limit_of("") == 7);
  CHECK(limit_of("0") == 0);
  CHECK(limit_of("1000") == 1000);
  CHECK(limit_of("64B") == 64);
  CHECK(limit_of("3KiB") == 3072);
  CHECK(limit_of("512MiB") == 512 * kMiB);
  CHECK(limit_of("4GiB") == 4096 * kMiB);
  CHECK(limit_of("2TiB") == std::int64_t(2) << 40);
  for (const char* wrong : {"4GB", "GiB", "-1", "1.5GiB", "4 GiB", "9000000TiB", "99999999999999999999"})
    CHECK(message_of([&] { limit_of(wrong); }) ==
          "ULS_MEMORY_LIMIT: not a size; got '" + std::string(wrong) +
              "'; expected bytes, or a whole number with a unit such as 512MiB or 4GiB");

  const auto caching_of = [](const char* text) {
    const Variable cache("ULS_MEMORY_CACHE", text);
    return override_from_environment({}).caching;
  };
  CHECK(caching_of(""));
  CHECK(caching_of("1"));
  CHECK_FALSE(caching_of("0"));
  CHECK(message_of([&] { caching_of("no"); }) == "ULS_MEMORY_CACHE: not a switch; got 'no'; expected 0 or 1");
}

TEST_CASE("memory: the allocator of a device", "[memory]") {
  CachingAllocator& cpu = device_allocator(kCpu);
  CHECK(&cpu == &device_allocator(kCpu));
  void* const block = cpu.allocate(3 * kMiB);
  std::memset(block, 1, 3 * kMiB);
  cpu.free(block);

  CHECK(message_of([] { device_allocator(parse_device("cuda")); }) ==
        "memory: this build has no CUDA device; got cuda:0; expected cpu");
  CHECK_THROWS_AS(device_allocator(kMeta), Bug);
  CHECK_NOTHROW(configure_memory({}));
  CHECK(message_of([] { configure_memory({.caching = false, .limit = 5}); }) ==
        "configure_memory: memory is in use with other settings; got caching false and limit 5; "
        "expected this call before the first tensor");
  CHECK_THROWS_AS(configure_memory({.limit = -1}), Error);
}

}  // namespace
}  // namespace uls
