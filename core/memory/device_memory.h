// SPDX-License-Identifier: Apache-2.0
// The allocator of each device, which tensors use, and its settings.
//
// ULS_MEMORY_CACHE=0          every tensor asks the system itself, in its exact size: what sanitizer runs
// need ULS_MEMORY_LIMIT=4GiB       the most that may be reserved (bytes, or a whole number with KiB, MiB, GiB
// or TiB) The environment overrides what the program configured; it is read when the first tensor needs
// memory.
#pragma once

#include <cstdint>

#include "core/device/device.h"
#include "core/memory/caching_allocator.h"

namespace uls {

struct MemorySettings {
  bool caching = true;     ///< keep freed memory for the next tensor
  std::int64_t limit = 0;  ///< bytes; 0 for no limit

  friend bool operator==(const MemorySettings&, const MemorySettings&) = default;
};

/// Settings of every allocator that is made later. Raises Error where one is in use with other settings
/// already.
void configure_memory(const MemorySettings& settings);

/// The settings with what the environment overrides; a value that cannot be read raises Error.
MemorySettings override_from_environment(MemorySettings settings);

/// The device's allocator. It is never destroyed, so a tensor of any lifetime may give its memory back.
/// A device that this build lacks raises Error; `meta` has no memory, and asking for it is a Bug.
CachingAllocator& device_allocator(Device device);

}  // namespace uls
