// SPDX-License-Identifier: Apache-2.0
#include "core/memory/device_memory.h"

#include "core/config/settings.h"
#include "core/memory/cpu_source.h"

namespace uls {
namespace {

CachingAllocator& make_cpu_allocator() {
  const Settings& s = settings();
  // Mapped segments would hide a tensor's bounds from the sanitizers that the mode without a cache is for.
  auto& source = *new CpuSource(s.memory_cache);
  return *new CachingAllocator(source, {.name = "cpu", .caching = s.memory_cache, .limit = s.memory_limit});
}

}  // namespace

CachingAllocator& device_allocator(Device device) {
  ULS_ASSERT(device.type != DeviceType::meta, "memory: a meta tensor has none");
  ULS_CHECK(device.type == DeviceType::cpu, "memory: this build has no CUDA device; got {}; expected cpu",
            to_string(device));
  static CachingAllocator& cpu = make_cpu_allocator();
  return cpu;
}

}  // namespace uls
