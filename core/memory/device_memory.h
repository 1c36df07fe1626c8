// SPDX-License-Identifier: Apache-2.0
// The allocator of each device, which tensors use. ULS_MEMORY_CACHE and ULS_MEMORY_LIMIT
// (core/config/settings.h) are read when the first tensor needs memory.
#pragma once

#include "core/device/device.h"
#include "core/memory/caching_allocator.h"

namespace uls {

/// The device's allocator. It is never destroyed, so a tensor of any lifetime may give its memory back.
/// A device that this build lacks raises Error; `meta` has no memory, and asking for it is a Bug.
CachingAllocator& device_allocator(Device device);

}  // namespace uls
