// SPDX-License-Identifier: Apache-2.0
// Many samples read on all cores, and used one after the other in their order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/parallel.h"
#include "data/tools/progress.h"

namespace uls {

/// use(i, read(i)) for i in [begin, end), `block` of them in memory at a time. read() runs on any thread,
/// use() on this one, in order. `what` names the work on the line of progress.
template <typename Read, typename Use>
void in_order(const std::string& what, std::int64_t begin, std::int64_t end, std::int64_t block, Read&& read,
              Use&& use) {
  Progress progress(what, end - begin);
  std::vector<decltype(read(begin))> rows;
  for (std::int64_t from = begin; from < end; from += block) {
    const std::int64_t to = std::min(from + block, end);
    rows.clear();
    rows.resize(std::size_t(to - from));
    parallel_for(from, to, 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) rows[std::size_t(i - from)] = read(i);
    });
    for (std::int64_t i = from; i < to; ++i) use(i, rows[std::size_t(i - from)]);
    progress.show(to - begin);
  }
}

}  // namespace uls
