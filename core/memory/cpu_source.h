// SPDX-License-Identifier: Apache-2.0
// The memory of the host. Segments of 2 MiB and more are mapped with huge pages, because a fault for each
// 4 KiB page costs more than many an operation does on the page; smaller ones come from the C library.
#pragma once

#include "core/memory/memory_source.h"

namespace uls {

class CpuSource : public MemorySource {
 public:
  /// Without `huge_pages` everything comes from the C library's heap, whose bounds sanitizers watch.
  explicit CpuSource(bool huge_pages = true) : huge_pages_(huge_pages) {}

  /// Aligned to 64 bytes, mapped segments to 2 MiB.
  void* allocate(std::int64_t bytes) noexcept override;
  void release(void* pointer, std::int64_t bytes) noexcept override;

 private:
  bool is_mapped(std::int64_t bytes) const;

  bool huge_pages_;
};

}  // namespace uls
