// SPDX-License-Identifier: Apache-2.0
// Where a tensor lives. `meta` has shapes and no memory: the plan, the summary and shape tests run on it.
#pragma once

#include <string>

namespace uls {

enum class DeviceType : unsigned char { cpu, cuda, meta };
inline constexpr int kDeviceTypes = 3;

struct Device {
  DeviceType type = DeviceType::cpu;
  int index = 0;

  friend bool operator==(const Device&, const Device&) = default;
};

inline constexpr Device kCpu{DeviceType::cpu, 0};
inline constexpr Device kMeta{DeviceType::meta, 0};

/// "cpu", "cuda:0", "meta".
std::string to_string(Device device);

/// Reads what to_string writes ("cuda" is "cuda:0"); any other word raises Error.
Device parse_device(const std::string& word);

}  // namespace uls
