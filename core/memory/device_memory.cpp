// SPDX-License-Identifier: Apache-2.0
#include "core/memory/device_memory.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <string_view>
#include <utility>

#include "core/memory/cpu_source.h"

namespace uls {
namespace {

struct Configuration {
  std::mutex mutex;
  MemorySettings settings;
  bool in_use = false;
};

Configuration& configuration() {
  static auto& instance = *new Configuration;
  return instance;
}

// An unset or empty variable gives an empty text.
std::string_view environment(const char* name) {
  const char* text = std::getenv(name);
  return text ? text : "";
}

std::int64_t parse_limit(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, int>, 6> kUnits{
      {{"", 0}, {"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}};
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view suffix(end, std::size_t(text.data() + text.size() - end));
  for (const auto& [unit, shift] : kUnits)
    if (error == std::errc() && suffix == unit && value >= 0 &&
        value <= std::numeric_limits<std::int64_t>::max() >> shift)
      return value << shift;
  fail(
      "ULS_MEMORY_LIMIT: not a size; got '{}'; expected bytes, or a whole number with a unit such as 512MiB "
      "or 4GiB",
      text);
}

CachingAllocator& make_cpu_allocator() {
  Configuration& shared = configuration();
  const std::lock_guard lock(shared.mutex);
  const MemorySettings settings = override_from_environment(shared.settings);
  shared.in_use = true;
  // Mapped segments would hide a tensor's bounds from the sanitizers that the mode without a cache is for.
  auto& source = *new CpuSource(settings.caching);
  return *new CachingAllocator(source, {.name = "cpu", .caching = settings.caching, .limit = settings.limit});
}

}  // namespace

void configure_memory(const MemorySettings& settings) {
  ULS_CHECK(settings.limit >= 0,
            "configure_memory: negative limit; got {}; expected bytes, or 0 for no limit", settings.limit);
  Configuration& shared = configuration();
  const std::lock_guard lock(shared.mutex);
  ULS_CHECK(!shared.in_use || settings == shared.settings,
            "configure_memory: memory is in use with other settings; got caching {} and limit {}; "
            "expected this call before the first tensor",
            settings.caching, settings.limit);
  shared.settings = settings;
}

MemorySettings override_from_environment(MemorySettings settings) {
  if (const auto text = environment("ULS_MEMORY_CACHE"); !text.empty()) {
    ULS_CHECK(text == "0" || text == "1", "ULS_MEMORY_CACHE: not a switch; got '{}'; expected 0 or 1", text);
    settings.caching = text == "1";
  }
  if (const auto text = environment("ULS_MEMORY_LIMIT"); !text.empty()) settings.limit = parse_limit(text);
  return settings;
}

CachingAllocator& device_allocator(Device device) {
  ULS_ASSERT(device.type != DeviceType::meta, "memory: a meta tensor has none");
  if (device.type == DeviceType::cuda)
    fail("memory: this build has no CUDA device; got {}; expected cpu", to_string(device));
  static CachingAllocator& cpu = make_cpu_allocator();
  return cpu;
}

}  // namespace uls
