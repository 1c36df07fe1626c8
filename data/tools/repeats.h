// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace uls {

/// Which of many texts (ids, files' contents) may be equal, at 16 bytes a text: those of one hash. The caller
/// compares the few that are found.
class Repeats {
 public:
  static std::uint64_t hash(std::string_view text) { return std::hash<std::string_view>()(text); }

  void add(std::uint64_t hash, std::int64_t index) { entries_.emplace_back(hash, index); }

  /// Calls found(hash, indices) for each hash of several entries; the indices ascend.
  void for_each_group(const std::function<void(std::uint64_t, const std::vector<std::int64_t>&)>& found);

 private:
  std::vector<std::pair<std::uint64_t, std::int64_t>> entries_{};
};

}  // namespace uls
