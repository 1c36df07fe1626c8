// SPDX-License-Identifier: Apache-2.0
#include "core/memory/host_memory.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "core/config/settings.h"
#include "core/config/text_value.h"
#include "core/memory/device_memory.h"

namespace uls {
namespace {

// The number behind a word that begins a line; 0 where there is none.
std::int64_t number_of(const std::string& path, const std::string& word) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first, number;
    if (words >> first >> number && first == word) return parse_whole_number(number).value_or(0);
  }
  return 0;
}

// Of a file that holds a number alone; 0 for the word "max".
std::int64_t number_in(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  return file >> text ? parse_whole_number(text).value_or(0) : 0;
}

}  // namespace

HostMemory host_memory() {
  const std::string group = "/sys/fs/cgroup/memory.";
  HostMemory memory{.total = number_of("/proc/meminfo", "MemTotal:") * 1024,
                    .available = number_of("/proc/meminfo", "MemAvailable:") * 1024,
                    .limit = number_in(group + "max")};
  if (memory.limit > 0)
    memory.below_limit = std::max<std::int64_t>(
        0, memory.limit - number_in(group + "current") + number_of(group + "stat", "inactive_file"));
  return memory;
}

std::int64_t memory_at_hand() {
  const HostMemory memory = host_memory();
  std::int64_t bytes = memory.available;
  if (memory.limit > 0) bytes = std::min(bytes, memory.below_limit);
  const std::int64_t ours = settings().memory_limit;
  if (ours > 0) bytes = std::min(bytes, ours - device_allocator(kCpu).statistics().live);
  return bytes;
}

}  // namespace uls
