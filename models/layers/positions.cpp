// SPDX-License-Identifier: Apache-2.0
#include "models/layers/positions.h"

#include <array>
#include <map>
#include <mutex>

#include "kernels/spatial/position_encoding/position_encoding.h"

namespace uls {
namespace {

constexpr std::size_t kMostKept = 64;  // sizes, before all are let go: a run meets a handful

using Key = std::array<std::int64_t, 6>;

template <typename Make>
Tensor kept(const Key& key, Make make) {
  static std::mutex mutex;
  static std::map<Key, Tensor> positions;
  const std::lock_guard lock(mutex);
  if (const auto found = positions.find(key); found != positions.end()) return found->second;
  if (positions.size() >= kMostKept) positions.clear();
  return positions[key] = make();
}

}  // namespace

Tensor positions_2d(std::int64_t height, std::int64_t width, std::int64_t channels, DType dtype,
                    Device device) {
  const Key key{height, width, channels, int(dtype), int(device.type), device.index};
  return kept(key, [&] { return position_encoding_2d(height, width, channels, dtype, device); });
}

Tensor positions_1d(std::int64_t length, std::int64_t channels, DType dtype, Device device) {
  const Key key{-1, length, channels, int(dtype), int(device.type), device.index};
  return kept(key, [&] { return position_encoding_1d(length, channels, dtype, device); });
}

}  // namespace uls
