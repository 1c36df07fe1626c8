// SPDX-License-Identifier: Apache-2.0
// What memory the machine has.
#pragma once

#include <cstdint>

namespace uls {

/// Bytes; 0 where the system does not say.
struct HostMemory {
  std::int64_t total = 0;
  std::int64_t available = 0;    ///< without swapping
  std::int64_t limit = 0;        ///< of the control group, such as a container's; 0: none
  std::int64_t below_limit = 0;  ///< what the group may still take, its file cache counted as free
};

HostMemory host_memory();

/// The bytes that tensors on the CPU may take from now on: what the machine has available, within the limits
/// of the control group and of ULS_MEMORY_LIMIT.
std::int64_t memory_at_hand();

}  // namespace uls
