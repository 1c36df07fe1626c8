// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/status_line.h"

namespace uls {

/// "data check: 1200 of 5000 samples" on stderr: on a terminal one line that is written over, elsewhere a
/// line every ten seconds.
class Progress {
 public:
  Progress(std::string what, std::int64_t total);

  void show(std::int64_t done);

 private:
  std::string what_;
  std::int64_t total_;
  StatusLine status_{};
  std::chrono::steady_clock::time_point last_;
};

}  // namespace uls
