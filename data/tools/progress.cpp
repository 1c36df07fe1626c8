// SPDX-License-Identifier: Apache-2.0
#include "data/tools/progress.h"

#include <utility>

#include "core/base/log.h"

namespace uls {

Progress::Progress(std::string what, std::int64_t total)
    : what_(std::move(what)), total_(total), last_(std::chrono::steady_clock::now()) {}

void Progress::show(std::int64_t done) {
  const std::string text = fmt::format("{}: {} of {} samples", what_, done, total_);
  if (StatusLine::is_shown()) return status_.show(text);
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::seconds(10) || done >= total_) return;
  log_info("{}", text);
  last_ = now;
}

}  // namespace uls
