// SPDX-License-Identifier: Apache-2.0
#include "core/device/device.h"

#include <charconv>

#include "core/base/error.h"

namespace uls {

std::string to_string(Device device) {
  switch (device.type) {
    case DeviceType::cpu:
      return "cpu";
    case DeviceType::cuda:
      return fmt::format("cuda:{}", device.index);
    case DeviceType::meta:
      return "meta";
  }
  return "?";
}

Device parse_device(const std::string& word) {
  if (word == "cpu") return kCpu;
  if (word == "meta") return kMeta;
  if (word == "cuda") return {DeviceType::cuda, 0};
  if (word.starts_with("cuda:")) {
    int index = -1;
    const char *first = word.data() + 5, *last = word.data() + word.size();
    if (const auto [end, error] = std::from_chars(first, last, index);
        error == std::errc() && end == last && index >= 0)
      return {DeviceType::cuda, index};
  }
  fail("device: unknown word; got '{}'; expected cpu, meta, cuda or cuda:N", word);
}

}  // namespace uls
