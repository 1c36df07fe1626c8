// SPDX-License-Identifier: Apache-2.0
#include "data/tools/progress.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "core/base/log.h"

namespace uls {

Progress::Progress(std::string what, std::int64_t total)
    : what_(std::move(what)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) == 1),
      last_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (begun_) std::fputc('\n', stderr);
}

void Progress::show(std::int64_t done) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < (terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(10)) && done < total_)
    return;
  if (terminal_) {
    std::fprintf(stderr, "\r%s: %lld of %lld samples", what_.c_str(), static_cast<long long>(done),
                 static_cast<long long>(total_));
    begun_ = true;
  } else if (done < total_) {
    log_info("{}: {} of {} samples", what_, done, total_);
  }
  last_ = now;
}

}  // namespace uls
