// SPDX-License-Identifier: Apache-2.0
#include "core/memory/cpu_source.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>

namespace uls {
namespace {

constexpr std::size_t kHugePage = std::size_t(2) << 20;
constexpr std::size_t kAlignment = 64;

std::size_t whole_pages(std::size_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }

void* map_segment(std::size_t bytes) {
  // The kernel need not align a mapping to huge pages: map one page more, and trim both ends.
  const std::size_t size = whole_pages(bytes);
  void* mapping = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return nullptr;
  auto* const first = static_cast<std::byte*>(mapping);
  const std::size_t address = reinterpret_cast<std::uintptr_t>(first);
  const std::size_t head = whole_pages(address) - address;
  if (head > 0) munmap(first, head);
  if (head < kHugePage) munmap(first + head + size, kHugePage - head);
  // Advice only: where the kernel has no huge pages, small ones serve.
  madvise(first + head, size, MADV_HUGEPAGE);
  return first + head;
}

}  // namespace

bool CpuSource::is_mapped(std::int64_t bytes) const { return huge_pages_ && std::size_t(bytes) >= kHugePage; }

void* CpuSource::allocate(std::int64_t bytes) noexcept {
  if (is_mapped(bytes)) return map_segment(std::size_t(bytes));
  // Not std::aligned_alloc: it wants a multiple of the alignment, and the exact size is what sanitizers
  // check.
  void* pointer = nullptr;
  return posix_memalign(&pointer, kAlignment, std::size_t(bytes)) == 0 ? pointer : nullptr;
}

void CpuSource::release(void* pointer, std::int64_t bytes) noexcept {
  if (is_mapped(bytes))
    munmap(pointer, whole_pages(std::size_t(bytes)));
  else
    std::free(pointer);
}

}  // namespace uls
