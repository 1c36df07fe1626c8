// SPDX-License-Identifier: Apache-2.0
#include "data/tools/repeats.h"

#include <algorithm>

namespace uls {

void Repeats::for_each_group(
    const std::function<void(std::uint64_t, const std::vector<std::int64_t>&)>& found) {
  std::ranges::sort(entries_);
  std::vector<std::int64_t> group;
  for (auto first = entries_.begin(); first != entries_.end();) {
    group.clear();
    auto entry = first;
    for (; entry != entries_.end() && entry->first == first->first; ++entry) group.push_back(entry->second);
    if (group.size() > 1) found(first->first, group);
    first = entry;
  }
}

}  // namespace uls
