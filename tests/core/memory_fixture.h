// SPDX-License-Identifier: Apache-2.0
// What the tests of core/memory share: a source whose every choice can be foretold, because it is an arena
// with rising addresses.
#pragma once

#include <sys/mman.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/memory/memory_source.h"
#include "tests/support/support.h"

namespace uls {

inline constexpr std::int64_t kKiB = 1 << 10, kMiB = 1 << 20;
inline constexpr std::int64_t kArena = std::int64_t(64) << 30;  // address space; pages appear when touched

class FakeSource : public MemorySource {
 public:
  explicit FakeSource(std::int64_t capacity = kArena) : capacity_(capacity) {
    void* arena =
        mmap(nullptr, kArena, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(arena != MAP_FAILED);
    arena_ = next_ = static_cast<char*>(arena);
  }
  ~FakeSource() override { munmap(arena_, kArena); }

  void* allocate(std::int64_t bytes) noexcept override {
    if (held() + bytes > capacity_) {
      ++failures;
      return nullptr;
    }
    char* const segment = next_;
    next_ += (bytes + 4095) / 4096 * 4096;
    allocated.push_back(bytes);
    segments[segment] = bytes;
    return segment;
  }

  void release(void* pointer, std::int64_t bytes) noexcept override {
    const auto found = segments.find(static_cast<char*>(pointer));
    if (found == segments.end() || found->second != bytes) {
      ++wrong_releases;
      return;
    }
    madvise(pointer, std::size_t(bytes), MADV_DONTNEED);
    segments.erase(found);
  }

  std::int64_t held() const {
    std::int64_t sum = 0;
    for (const auto& [address, bytes] : segments) sum += bytes;
    return sum;
  }

  std::vector<std::int64_t> allocated;
  std::map<char*, std::int64_t> segments;
  int failures = 0;
  int wrong_releases = 0;

 private:
  std::int64_t capacity_;
  char* arena_;
  char* next_;
};

}  // namespace uls
