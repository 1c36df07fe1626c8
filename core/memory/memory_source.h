// SPDX-License-Identifier: Apache-2.0
// Where an allocator gets its memory from, in pieces as large as segments: the C library and the kernel on
// the CPU, a fake in tests. The caching policy above it (caching_allocator.h) knows nothing else of a device.
#pragma once

#include <cstdint>

namespace uls {

class MemorySource {
 public:
  virtual ~MemorySource() = default;

  /// At least `bytes` (> 0) bytes, aligned to 64 or more; nullptr where there are none.
  virtual void* allocate(std::int64_t bytes) noexcept = 0;

  /// Takes back what allocate(bytes) gave.
  virtual void release(void* pointer, std::int64_t bytes) noexcept = 0;
};

}  // namespace uls
